package dev.octet.onnx;

import static dev.octet.onnx.value.ElementType.F32;
import static dev.octet.onnx.value.ElementType.I32;
import static dev.octet.onnx.value.ElementType.I8;
import static dev.octet.onnx.value.ElementType.U8;

import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.util.List;

/** The cases of ONNX Runtime's own operators, for {@link OpsTest}. */
final class OnnxRuntimeOpCases {
  private static final int OPSET = 17;

  private final OpCases cases;
  private final TestData data;

  OnnxRuntimeOpCases(OpCases cases) {
    this.cases = cases;
    this.data = cases.data;
  }

  private OpCases.Case op(String op) {
    return cases.op("com.microsoft:" + op, OPSET);
  }

  private static Tensor scale(float scale) {
    return TestData.scalar(scale);
  }

  private Tensor positive(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 0.01f + 0.003f * i;
    }
    return Tensor.floats(Shape.of(count), values);
  }

  void all() {
    for (ElementType type : List.of(U8, I8)) {
      elements(type);
      images(type);
      gemm(type);
    }
    products();
    floats();
    blocks();
  }

  private void elements(ElementType type) {
    for (String name : List.of("QLinearAdd", "QLinearMul")) {
      for (long[] other : new long[][]{{2, 3, 5}, {5}, {2, 1, 1}}) {
        op(name).in(data.bytes(type, 2, 3, 5)).shapes(scale(0.03f), data.bytes(type))
            .in(data.bytes(type, other)).in(scale(0.02f), data.bytes(type), scale(0.05f), data.bytes(type))
            .gives(type);
      }
    }
    op("DequantizeLinear").in(data.bytes(type, 3, 5), scale(0.04f), data.bytes(type)).gives(F32);
    op("QuantizeLinear").in(data.floats(4, 3, 5), scale(0.04f), data.bytes(type)).gives(type);
    op("QuantizeLinear").in(data.floats(4, 3, 5), positive(5), data.bytes(type, 5)).with("axis", 1)
        .gives(type);
    op("QLinearSigmoid").in(data.bytes(type, 3, 500)).shapes(scale(0.04f), data.bytes(type), scale(1 / 256f),
        QdqModel.scalar(type, 3)).gives(type);
    op("QLinearLeakyRelu").in(data.bytes(type, 3, 500)).shapes(scale(0.04f), data.bytes(type), scale(0.03f),
        data.bytes(type)).with("alpha", 0.2f).gives(type);
    op("QLinearConcat").shapes(scale(0.05f), data.bytes(type)).in(data.bytes(type, 2, 3, 4), scale(0.03f),
        data.bytes(type), data.bytes(type, 2, 1, 4), scale(0.04f), data.bytes(type)).with("axis", 1)
        .gives(type);
    op("QLinearSoftmax").in(data.bytes(type, 3, 40)).shapes(scale(0.1f), data.bytes(type), scale(1 / 256f),
        QdqModel.scalar(type, type == U8 ? 0 : -128)).with("opset", 13).withinOne().gives(type);
    op("QLinearSoftmax").in(data.bytes(type, 3, 4, 20)).shapes(scale(0.1f), data.bytes(type), scale(1 / 256f),
        QdqModel.scalar(type, type == U8 ? 0 : -128)).with("opset", 11).with("axis", 2).withinOne()
        .gives(type);
  }

  private void images(ElementType type) {
    op("QLinearGlobalAveragePool").in(data.bytes(type, 2, 3, 5, 7)).shapes(scale(0.03f), data.bytes(type),
        scale(0.02f), data.bytes(type)).gives(type);
    op("QLinearGlobalAveragePool").in(data.bytes(type, 2, 5, 7, 3)).shapes(scale(0.03f), data.bytes(type),
        scale(0.02f), data.bytes(type)).with("channels_last", 1).gives(type);
    for (int counts = 0; counts < 2; counts++) {
      op("QLinearAveragePool").in(data.bytes(type, 2, 3, 9, 11))
          .shapes(scale(0.03f), data.bytes(type), scale(0.02f), data.bytes(type))
          .with("kernel_shape", new long[]{3, 2}).with("strides", new long[]{2, 1})
          .with("pads", new long[]{1, 0, 1, 1}).with("count_include_pad", counts).withinOne().gives(type);
    }
  }

  private void gemm(ElementType type) {
    for (int turned = 0; turned < 2; turned++) {
      Tensor b = turned == 1 ? data.bytes(I8, 9, 40) : data.bytes(I8, 40, 9);
      op("QGemm").in(data.bytes(type, 7, 40))
          .shapes(scale(0.02f), data.bytes(type), b, scale(0.03f), data.bytes(I8),
              data.integers(I32, -9000, 9000, 9), scale(0.3f), data.bytes(type))
          .with("transB", turned).gives(type);
      op("QGemm").in(data.bytes(type, 7, 40))
          .shapes(scale(0.02f), data.bytes(type), b, positive(9), Tensor.allocate(I8, Shape.of(9)), null,
              scale(0.3f), data.bytes(type))
          .with("transB", turned).gives(type);
      op("QGemm").in(data.bytes(type, 7, 40)).shapes(scale(0.02f), data.bytes(type), b, scale(0.03f),
          data.bytes(I8), data.integers(I32, -9000, 9000, 9)).with("transB", turned).gives(F32);
    }
  }

  private void products() {
    for (ElementType right : List.of(I8, U8)) {
      op("DynamicQuantizeMatMul").in(data.floats(2, 2, 7, 40)).shapes(data.bytes(right, 40, 9), positive(9),
          data.bytes(right, 9), data.floats(1, 9)).gives(F32);
      op("DynamicQuantizeMatMul").in(data.floats(2, 7, 40)).shapes(data.bytes(right, 40, 9), scale(0.02f))
          .gives(F32);
      op("MatMulIntegerToFloat").in(data.bytes(U8, 2, 7, 40)).shapes(data.bytes(right, 40, 9), scale(0.03f),
          positive(9), data.bytes(U8), data.bytes(right, 9), data.floats(1, 9)).gives(F32);
      op("MatMulIntegerToFloat").in(data.bytes(U8, 7, 40)).shapes(data.bytes(right, 40, 9), scale(0.03f),
          scale(0.02f)).gives(F32);
    }
  }

  private void floats() {
    double rounding = OpCases.ROUNDING;
    op("Gelu").in(data.floats(4, 3, 700)).within(rounding).gives(F32);
    op("BiasGelu").in(data.floats(2, 3, 700), data.floats(1, 700)).within(rounding).gives(F32);
    op("FastGelu").in(data.floats(2, 3, 70), data.floats(1, 70)).within(rounding).gives(F32);
    op("FastGelu").in(data.floats(2, 3, 70)).within(rounding).gives(F32);
    for (int bits = 0; bits < 4; bits++) {
      Tensor a = (bits & 1) == 0 ? data.floats(1, 2, 5, 7) : data.floats(1, 2, 7, 5);
      Tensor b = (bits & 2) == 0 ? data.floats(1, 7, 9) : data.floats(1, 9, 7);
      op("FusedMatMul").in(a, b).with("transA", bits & 1).with("transB", bits >> 1).with("alpha", 0.25f)
          .within(rounding).gives(F32);
    }
    op("FusedMatMul").in(data.floats(1, 2, 3, 5, 7), data.floats(1, 2, 3, 9, 7)).with("transB", 1)
        .within(rounding).gives(F32);
    op("SkipLayerNormalization").in(data.floats(2, 2, 3, 64), data.floats(2, 2, 3, 64)).shapes(
        data.floats(1, 64), data.floats(1, 64)).with("epsilon", 1e-5f).within(1e-5).gives(F32);
    op("SkipLayerNormalization").in(data.floats(2, 2, 3, 64), data.floats(2, 2, 3, 64)).shapes(
        data.floats(1, 64), data.floats(1, 64), data.floats(1, 64)).within(1e-5).gives(F32);
    op("FusedConv").in(data.floats(2, 2, 3, 9, 8), data.floats(1, 5, 3, 3, 3), data.floats(1, 5))
        .with("activation", "Relu").with("pads", new long[]{1, 1, 1, 1}).within(1e-5).gives(F32);
    op("FusedConv").in(data.floats(2, 2, 3, 9, 8), data.floats(1, 5, 3, 1, 1), data.floats(1, 5),
        data.floats(1, 2, 5, 9, 8)).with("activation", "Relu").within(1e-5).gives(F32);
    for (String function : List.of("Sigmoid", "Tanh")) {
      op("FusedConv").in(data.floats(2, 1, 3, 5, 5), data.floats(1, 5, 3, 1, 1)).with("activation", function)
          .within(1e-5).gives(F32);
    }
    op("FusedConv").in(data.floats(2, 1, 3, 5, 5), data.floats(1, 5, 3, 1, 1)).with("activation", "LeakyRelu")
        .with("activation_params", new float[]{0.1f}).within(1e-5).gives(F32);
    for (String function : List.of("HardSigmoid", "Clip")) {
      op("FusedConv").in(data.floats(2, 1, 3, 5, 5), data.floats(1, 5, 3, 1, 1)).with("activation", function)
          .with("activation_params", new float[]{0.1f, 0.6f}).within(1e-5).gives(F32);
    }
  }

  private void blocks() {
    for (int block : new int[]{16, 32, 64, 128, 256}) {
      int k = 768;
      int n = 10;
      Tensor packed = data.bytes(U8, n, k / block, block / 2);
      Tensor scales = data.floats(0.1f, (long) n * k / block);
      op("MatMulNBits").in(data.floats(1, 2, 5, k)).shapes(packed, scales).with("K", k).with("N", n)
          .with("bits", 4).with("block_size", block).within(1e-4).gives(F32);
      op("MatMulNBits").in(data.floats(1, 3, k)).shapes(packed, scales,
          data.bytes(U8, (long) n * Math.ceilDiv(k / block, 2))).with("K", k).with("N", n).with("bits", 4)
          .with("block_size", block).within(1e-4).gives(F32);
    }
  }
}
