package dev.octet.onnx.internal.op;

import dev.octet.BinaryOp;
import dev.octet.GeluForm;
import dev.octet.onnx.internal.graph.Op;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * All operators that are run: a name and a line each. Those of other domains than ONNX's own have it before
 * their name. The lines are a switch: a map of functions took 50 ms of a first load, which linked and loaded
 * all of them.
 */
public final class OpTable {
  /** The oldest version of ONNX whose operators are run as it has them. */
  public static final int OLDEST_OPSET = 9;
  /** The newest. */
  public static final int NEWEST_OPSET = 23;

  /** What the operators of ONNX Runtime's own have before their names. */
  private static final String MICROSOFT = "com.microsoft:";

  /** ONNX's own. A name here has a line in {@link #onnx}. */
  private static final String ONNX = """
      Abs Add And AveragePool BatchNormalization Cast Ceil Clip Concat Constant ConstantOfShape Conv
      ConvInteger ConvTranspose DequantizeLinear Div DynamicQuantizeLinear Equal Erf Exp Expand
      Flatten Floor Gather Gelu Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual
      HardSigmoid HardSwish Identity LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax
      MatMul MatMulInteger Max MaxPool Min Mul Neg Not Or Pad Pow QLinearConv QLinearMatMul
      QuantizeLinear ReduceMax ReduceMean ReduceMin ReduceSum Relu Reshape Resize Shape Sigmoid Size
      Slice Softmax Split Sqrt Squeeze Sub Tanh Transpose Unsqueeze Where
      """;
  /** Those of ONNX Runtime's own domain, likewise in {@link #microsoft}. */
  private static final String RUNTIME = """
      BiasGelu DequantizeLinear DynamicQuantizeMatMul FastGelu FusedConv FusedMatMul Gelu
      MatMulIntegerToFloat MatMulNBits QGemm QLinearAdd QLinearAveragePool QLinearConcat
      QLinearGlobalAveragePool QLinearLeakyRelu QLinearMul QLinearSigmoid QLinearSoftmax
      QuantizeLinear SkipLayerNormalization
      """;

  private static final Set<String> NAMES = namesOf();

  private OpTable() {}

  private static Set<String> namesOf() {
    Set<String> names = new TreeSet<>(List.of(ONNX.strip().split("\\s+", -1)));
    for (String name : RUNTIME.strip().split("\\s+", -1)) {
      names.add(MICROSOFT + name);
    }
    return names;
  }

  /** The names of all operators. */
  public static Set<String> names() {
    return new TreeSet<>(NAMES);
  }

  /** Whether an operator is run. */
  public static boolean has(String type) {
    return NAMES.contains(type);
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
    Op op = type.startsWith(MICROSOFT)
        ? microsoft(type.substring(MICROSOFT.length()), attributes)
        : onnx(type, attributes);
    attributes.finish();
    return op;
  }

  private static Op onnx(String type, Attributes attributes) {
    return switch (type) {
      case "Abs" -> new Unary(Unary.Function.ABS);
      case "Add" -> new Arithmetic(Arithmetic.Function.ADD);
      case "And" -> new Logical(true);
      case "AveragePool" -> Pool.read(attributes, false);
      case "BatchNormalization" -> BatchNormalization.read(attributes);
      case "Cast" -> Cast.read(attributes);
      case "Ceil" -> new Unary(Unary.Function.CEIL);
      case "Clip" -> Clip.read(attributes);
      case "Concat" -> Concat.read(attributes);
      case "Constant" -> Constant.read(attributes);
      case "ConstantOfShape" -> ConstantOfShape.read(attributes);
      case "Conv" -> Conv.read(attributes);
      case "ConvInteger" -> ConvInteger.read(attributes);
      case "ConvTranspose" -> ConvTranspose.read(attributes);
      case "DequantizeLinear" -> DequantizeLinear.read(attributes);
      case "Div" -> new Arithmetic(Arithmetic.Function.DIV);
      case "DynamicQuantizeLinear" -> new DynamicQuantizeLinear();
      case "Equal" -> new Comparison(Comparison.Function.EQUAL);
      case "Erf" -> new Unary(Unary.Function.ERF);
      case "Exp" -> new Unary(Unary.Function.EXP);
      case "Expand" -> new Expand();
      case "Flatten" -> Flatten.read(attributes);
      case "Floor" -> new Unary(Unary.Function.FLOOR);
      case "Gather" -> Gather.read(attributes);
      case "Gelu" -> Gelu.read(attributes);
      case "Gemm" -> Gemm.read(attributes);
      case "GlobalAveragePool" -> new GlobalPool(false);
      case "GlobalMaxPool" -> new GlobalPool(true);
      case "Greater" -> new Comparison(Comparison.Function.GREATER);
      case "GreaterOrEqual" -> new Comparison(Comparison.Function.GREATER_OR_EQUAL);
      case "HardSigmoid" -> HardSigmoid.read(attributes);
      case "HardSwish" -> new Unary(Unary.Function.HARD_SWISH);
      case "Identity" -> new Identity();
      case "LSTM" -> Lstm.read(attributes);
      case "LayerNormalization" -> LayerNormalization.read(attributes);
      case "LeakyRelu" -> LeakyRelu.read(attributes);
      case "Less" -> new Comparison(Comparison.Function.LESS);
      case "LessOrEqual" -> new Comparison(Comparison.Function.LESS_OR_EQUAL);
      case "Log" -> new Unary(Unary.Function.LOG);
      case "LogSoftmax" -> Softmax.read(attributes, true);
      case "MatMul" -> new MatMul();
      case "MatMulInteger" -> new MatMulInteger();
      case "Max" -> new Extreme(true);
      case "MaxPool" -> Pool.read(attributes, true);
      case "Min" -> new Extreme(false);
      case "Mul" -> new Arithmetic(Arithmetic.Function.MUL);
      case "Neg" -> new Unary(Unary.Function.NEG);
      case "Not" -> new Not();
      case "Or" -> new Logical(false);
      case "Pad" -> Pad.read(attributes);
      case "Pow" -> new Pow();
      case "QLinearConv" -> QLinearConv.read(attributes);
      case "QLinearMatMul" -> new QLinearMatMul();
      case "QuantizeLinear" -> QuantizeLinear.read(attributes);
      case "ReduceMax" -> Reduction.read(attributes, Reduction.Function.MAX);
      case "ReduceMean" -> Reduction.read(attributes, Reduction.Function.MEAN);
      case "ReduceMin" -> Reduction.read(attributes, Reduction.Function.MIN);
      case "ReduceSum" -> Reduction.read(attributes, Reduction.Function.SUM);
      case "Relu" -> new Unary(Unary.Function.RELU);
      case "Reshape" -> Reshape.read(attributes);
      case "Resize" -> Resize.read(attributes);
      case "Shape" -> ShapeOf.read(attributes);
      case "Sigmoid" -> new Unary(Unary.Function.SIGMOID);
      case "Size" -> new SizeOf();
      case "Slice" -> Slice.read(attributes);
      case "Softmax" -> Softmax.read(attributes, false);
      case "Split" -> Split.read(attributes);
      case "Sqrt" -> new Unary(Unary.Function.SQRT);
      case "Squeeze" -> Squeeze.read(attributes);
      case "Sub" -> new Arithmetic(Arithmetic.Function.SUB);
      case "Tanh" -> new Unary(Unary.Function.TANH);
      case "Transpose" -> Transpose.read(attributes);
      case "Unsqueeze" -> Unsqueeze.read(attributes);
      case "Where" -> new Where();
      default -> throw unknown(type);
    };
  }

  private static Op microsoft(String type, Attributes attributes) {
    return switch (type) {
      case "BiasGelu" -> new BiasGelu(GeluForm.ERF);
      case "DequantizeLinear" -> DequantizeLinear.read(attributes);
      case "DynamicQuantizeMatMul" -> new DynamicQuantizeMatMul();
      case "FastGelu" -> new BiasGelu(GeluForm.TANH);
      case "FusedConv" -> FusedConv.read(attributes);
      case "FusedMatMul" -> FusedMatMul.read(attributes);
      case "Gelu" -> Gelu.ERF;
      case "MatMulIntegerToFloat" -> new MatMulIntegerToFloat();
      case "MatMulNBits" -> MatMulNBits.read(attributes);
      case "QGemm" -> QGemm.read(attributes);
      case "QLinearAdd" -> new QLinearBinary(BinaryOp.ADD);
      case "QLinearAveragePool" -> QLinearPool.read(attributes, false);
      case "QLinearConcat" -> QLinearConcat.read(attributes);
      case "QLinearGlobalAveragePool" -> QLinearPool.read(attributes, true);
      case "QLinearLeakyRelu" -> new QLinearFunction(LeakyRelu.read(attributes));
      case "QLinearMul" -> new QLinearBinary(BinaryOp.MULTIPLY);
      case "QLinearSigmoid" -> new QLinearFunction(new Unary(Unary.Function.SIGMOID));
      case "QLinearSoftmax" -> QLinearSoftmax.read(attributes);
      case "QuantizeLinear" -> QuantizeLinear.read(attributes);
      case "SkipLayerNormalization" -> SkipLayerNormalization.read(attributes);
      default -> throw unknown(type);
    };
  }

  private static IllegalStateException unknown(String type) {
    return new IllegalStateException("operator " + type + " has no line in OpTable");
  }
}
