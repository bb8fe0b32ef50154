package dev.octet.onnx.internal.op;

import dev.octet.BinaryOp;
import dev.octet.GeluForm;
import dev.octet.onnx.internal.graph.Op;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * All operators that are run: a line each. Those of other domains than ONNX's own have it before their name.
 */
public final class OpTable {
  /** The oldest version of ONNX whose operators are run as it has them. */
  public static final int OLDEST_OPSET = 9;
  /** The newest. */
  public static final int NEWEST_OPSET = 23;

  /** What the operators of ONNX Runtime's own have before their names. */
  private static final String MICROSOFT = "com.microsoft:";

  private static final Map<String, Function<Attributes, Op>> OPS = new TreeMap<>();

  static {
    OPS.put("Abs", attributes -> new Unary(Unary.Function.ABS));
    OPS.put("Add", attributes -> new Arithmetic(Arithmetic.Function.ADD));
    OPS.put("And", attributes -> new Logical(true));
    OPS.put("AveragePool", attributes -> Pool.read(attributes, false));
    OPS.put("BatchNormalization", BatchNormalization::read);
    OPS.put("Cast", Cast::read);
    OPS.put("Ceil", attributes -> new Unary(Unary.Function.CEIL));
    OPS.put("Clip", Clip::read);
    OPS.put("Concat", Concat::read);
    OPS.put("Constant", Constant::read);
    OPS.put("ConstantOfShape", ConstantOfShape::read);
    OPS.put("Conv", Conv::read);
    OPS.put("ConvInteger", ConvInteger::read);
    OPS.put("ConvTranspose", ConvTranspose::read);
    OPS.put("DequantizeLinear", DequantizeLinear::read);
    OPS.put("Div", attributes -> new Arithmetic(Arithmetic.Function.DIV));
    OPS.put("DynamicQuantizeLinear", attributes -> new DynamicQuantizeLinear());
    OPS.put("Equal", attributes -> new Comparison(Comparison.Function.EQUAL));
    OPS.put("Erf", attributes -> new Unary(Unary.Function.ERF));
    OPS.put("Exp", attributes -> new Unary(Unary.Function.EXP));
    OPS.put("Expand", attributes -> new Expand());
    OPS.put("Flatten", Flatten::read);
    OPS.put("Floor", attributes -> new Unary(Unary.Function.FLOOR));
    OPS.put("Gather", Gather::read);
    OPS.put("Gelu", Gelu::read);
    OPS.put("Gemm", Gemm::read);
    OPS.put("GlobalAveragePool", attributes -> new GlobalPool(false));
    OPS.put("GlobalMaxPool", attributes -> new GlobalPool(true));
    OPS.put("Greater", attributes -> new Comparison(Comparison.Function.GREATER));
    OPS.put("GreaterOrEqual", attributes -> new Comparison(Comparison.Function.GREATER_OR_EQUAL));
    OPS.put("HardSigmoid", HardSigmoid::read);
    OPS.put("HardSwish", attributes -> new Unary(Unary.Function.HARD_SWISH));
    OPS.put("Identity", attributes -> new Identity());
    OPS.put("LSTM", Lstm::read);
    OPS.put("LayerNormalization", LayerNormalization::read);
    OPS.put("LeakyRelu", LeakyRelu::read);
    OPS.put("Less", attributes -> new Comparison(Comparison.Function.LESS));
    OPS.put("LessOrEqual", attributes -> new Comparison(Comparison.Function.LESS_OR_EQUAL));
    OPS.put("Log", attributes -> new Unary(Unary.Function.LOG));
    OPS.put("LogSoftmax", attributes -> Softmax.read(attributes, true));
    OPS.put("MatMul", attributes -> new MatMul());
    OPS.put("MatMulInteger", attributes -> new MatMulInteger());
    OPS.put("Max", attributes -> new Extreme(true));
    OPS.put("MaxPool", attributes -> Pool.read(attributes, true));
    OPS.put("Min", attributes -> new Extreme(false));
    OPS.put("Mul", attributes -> new Arithmetic(Arithmetic.Function.MUL));
    OPS.put("Neg", attributes -> new Unary(Unary.Function.NEG));
    OPS.put("Not", attributes -> new Not());
    OPS.put("Or", attributes -> new Logical(false));
    OPS.put("Pad", Pad::read);
    OPS.put("Pow", attributes -> new Pow());
    OPS.put("QLinearConv", QLinearConv::read);
    OPS.put("QLinearMatMul", attributes -> new QLinearMatMul());
    OPS.put("QuantizeLinear", QuantizeLinear::read);
    OPS.put("ReduceMax", attributes -> Reduction.read(attributes, Reduction.Function.MAX));
    OPS.put("ReduceMean", attributes -> Reduction.read(attributes, Reduction.Function.MEAN));
    OPS.put("ReduceMin", attributes -> Reduction.read(attributes, Reduction.Function.MIN));
    OPS.put("ReduceSum", attributes -> Reduction.read(attributes, Reduction.Function.SUM));
    OPS.put("Relu", attributes -> new Unary(Unary.Function.RELU));
    OPS.put("Reshape", Reshape::read);
    OPS.put("Resize", Resize::read);
    OPS.put("Shape", ShapeOf::read);
    OPS.put("Sigmoid", attributes -> new Unary(Unary.Function.SIGMOID));
    OPS.put("Size", attributes -> new SizeOf());
    OPS.put("Slice", Slice::read);
    OPS.put("Softmax", attributes -> Softmax.read(attributes, false));
    OPS.put("Split", Split::read);
    OPS.put("Sqrt", attributes -> new Unary(Unary.Function.SQRT));
    OPS.put("Squeeze", Squeeze::read);
    OPS.put("Sub", attributes -> new Arithmetic(Arithmetic.Function.SUB));
    OPS.put("Tanh", attributes -> new Unary(Unary.Function.TANH));
    OPS.put("Transpose", Transpose::read);
    OPS.put("Unsqueeze", Unsqueeze::read);
    OPS.put("Where", attributes -> new Where());
    ofOnnxRuntime();
  }

  /** Operators of ONNX Runtime's own. */
  private static void ofOnnxRuntime() {
    OPS.put(MICROSOFT + "BiasGelu", attributes -> new BiasGelu(GeluForm.ERF));
    OPS.put(MICROSOFT + "DequantizeLinear", DequantizeLinear::read);
    OPS.put(MICROSOFT + "DynamicQuantizeMatMul", attributes -> new DynamicQuantizeMatMul());
    OPS.put(MICROSOFT + "FastGelu", attributes -> new BiasGelu(GeluForm.TANH));
    OPS.put(MICROSOFT + "FusedConv", FusedConv::read);
    OPS.put(MICROSOFT + "FusedMatMul", FusedMatMul::read);
    OPS.put(MICROSOFT + "Gelu", attributes -> Gelu.ERF);
    OPS.put(MICROSOFT + "MatMulIntegerToFloat", attributes -> new MatMulIntegerToFloat());
    OPS.put(MICROSOFT + "MatMulNBits", MatMulNBits::read);
    OPS.put(MICROSOFT + "QGemm", QGemm::read);
    OPS.put(MICROSOFT + "QLinearAdd", attributes -> new QLinearBinary(BinaryOp.ADD));
    OPS.put(MICROSOFT + "QLinearAveragePool", attributes -> QLinearPool.read(attributes, false));
    OPS.put(MICROSOFT + "QLinearConcat", QLinearConcat::read);
    OPS.put(MICROSOFT + "QLinearGlobalAveragePool", attributes -> QLinearPool.read(attributes, true));
    OPS.put(MICROSOFT + "QLinearLeakyRelu", attributes -> new QLinearFunction(LeakyRelu.read(attributes)));
    OPS.put(MICROSOFT + "QLinearMul", attributes -> new QLinearBinary(BinaryOp.MULTIPLY));
    OPS.put(MICROSOFT + "QLinearSigmoid",
        attributes -> new QLinearFunction(new Unary(Unary.Function.SIGMOID)));
    OPS.put(MICROSOFT + "QLinearSoftmax", QLinearSoftmax::read);
    OPS.put(MICROSOFT + "QuantizeLinear", QuantizeLinear::read);
    OPS.put(MICROSOFT + "SkipLayerNormalization", SkipLayerNormalization::read);
  }

  private OpTable() {}

  /** The names of all operators. */
  public static Set<String> names() {
    return new TreeSet<>(OPS.keySet());
  }

  /** Whether an operator is run. */
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
