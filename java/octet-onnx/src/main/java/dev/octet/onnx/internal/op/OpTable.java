package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Op;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** All operators of ONNX that are run: a line each. */
public final class OpTable {
  /** The oldest version of ONNX whose operators are run as it has them. */
  public static final int OLDEST_OPSET = 9;
  /** The newest. */
  public static final int NEWEST_OPSET = 23;

  private static final Map<String, Function<Attributes, Op>> OPS = new TreeMap<>();

  static {
    OPS.put("Add", attributes -> new Arithmetic(Arithmetic.Function.ADD));
    OPS.put("Cast", Cast::read);
    OPS.put("Concat", Concat::read);
    OPS.put("Constant", Constant::read);
    OPS.put("ConstantOfShape", ConstantOfShape::read);
    OPS.put("DequantizeLinear", DequantizeLinear::read);
    OPS.put("Div", attributes -> new Arithmetic(Arithmetic.Function.DIV));
    OPS.put("DynamicQuantizeLinear", attributes -> new DynamicQuantizeLinear());
    OPS.put("Equal", attributes -> new Equal());
    OPS.put("Erf", attributes -> new Unary(Unary.Function.ERF));
    OPS.put("Exp", attributes -> new Unary(Unary.Function.EXP));
    OPS.put("Expand", attributes -> new Expand());
    OPS.put("Gather", Gather::read);
    OPS.put("Identity", attributes -> new Identity());
    OPS.put("MatMul", attributes -> new MatMul());
    OPS.put("MatMulInteger", attributes -> new MatMulInteger());
    OPS.put("Mul", attributes -> new Arithmetic(Arithmetic.Function.MUL));
    OPS.put("Pow", attributes -> new Pow());
    OPS.put("ReduceMean", ReduceMean::read);
    OPS.put("Relu", attributes -> new Unary(Unary.Function.RELU));
    OPS.put("Reshape", Reshape::read);
    OPS.put("Shape", ShapeOf::read);
    OPS.put("Sigmoid", attributes -> new Unary(Unary.Function.SIGMOID));
    OPS.put("Slice", Slice::read);
    OPS.put("Softmax", Softmax::read);
    OPS.put("Sqrt", attributes -> new Unary(Unary.Function.SQRT));
    OPS.put("Squeeze", Squeeze::read);
    OPS.put("Sub", attributes -> new Arithmetic(Arithmetic.Function.SUB));
    OPS.put("Tanh", attributes -> new Unary(Unary.Function.TANH));
    OPS.put("Transpose", Transpose::read);
    OPS.put("Unsqueeze", Unsqueeze::read);
    OPS.put("Where", attributes -> new Where());
  }

  private OpTable() {}

  /** The names of all operators. */
  public static Set<String> names() {
    return new TreeSet<>(OPS.keySet());
  }

  /** Whether an operator of ONNX's own domain is run. */
  public static boolean has(String type) {
    return OPS.containsKey(type);
  }

  /**
   * Reads a node.
   *
   * @param type an operator that is run
   * @param attributes of the node
   * @throws IllegalArgumentException if an attribute is missing or wrong
   * @throws UnsupportedOperationException if an attribute is not offered
   */
  public static Op read(String type, Attributes attributes) {
    Op op = OPS.get(type).apply(attributes);
    attributes.finish();
    return op;
  }
}
