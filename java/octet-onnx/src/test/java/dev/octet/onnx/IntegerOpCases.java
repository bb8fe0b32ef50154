package dev.octet.onnx;

import static dev.octet.onnx.value.ElementType.I32;
import static dev.octet.onnx.value.ElementType.I8;
import static dev.octet.onnx.value.ElementType.U8;

import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.util.List;

/** The cases of operators that make and take integers of 8 bits, for {@link OpsTest}: all equal exactly. */
final class IntegerOpCases {
  private final OpCases cases;
  private final TestData data;

  IntegerOpCases(OpCases cases) {
    this.cases = cases;
    this.data = cases.data;
  }

  private OpCases.Case op(String op, int opset) {
    return cases.op(op, opset);
  }

  private static long[] of(long... values) {
    return values;
  }

  void all() {
    quantization();
    convolutions();
    requantized();
    products();
    images();
  }

  private void images() {
    for (ElementType type : List.of(U8, I8)) {
      op("MaxPool", 12).in(data.bytes(type, 2, 3, 9, 11)).with("kernel_shape", of(2, 3))
          .with("strides", of(2, 2)).with("pads", of(1, 0, 0, 2)).gives(type);
      op("MaxPool", 22).in(data.bytes(type, 1, 2, 10, 13)).with("kernel_shape", of(3, 2))
          .with("dilations", of(2, 3)).with("ceil_mode", 1).with("strides", of(2, 2)).gives(type);
      op("MaxPool", 12).in(data.bytes(type, 1, 3, 40)).with("kernel_shape", of(3)).gives(type);
    }
    Tensor factors = Tensor.floats(Shape.of(4), 1, 1, 2, 2.6f);
    Tensor sizes = TestModel.vector(7, 4);
    for (String mode : List.of("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")) {
      for (String nearest : List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")) {
        op("Resize", 13).in(data.bytes(U8, 2, 3, 4, 5)).shapes(null, factors)
            .with("coordinate_transformation_mode", mode).with("nearest_mode", nearest).gives(U8);
        op("Resize", 18).in(data.bytes(I8, 1, 2, 9, 15)).shapes(null, null, sizes).with("axes", of(2, 3))
            .with("coordinate_transformation_mode", mode).with("nearest_mode", nearest).gives(I8);
      }
      op("Resize", 13).in(data.bytes(U8, 2, 3, 4, 5)).shapes(null, factors).with("mode", "linear")
          .with("coordinate_transformation_mode", mode).gives(U8);
      op("Resize", 18).in(data.bytes(I8, 1, 2, 9, 15)).shapes(null, null, sizes).with("axes", of(-2, -1))
          .with("mode", "linear").with("coordinate_transformation_mode", mode).gives(I8);
    }
    op("Resize", 13).in(data.bytes(U8, 2, 3, 5)).shapes(null, Tensor.floats(Shape.of(3), 1, 1, 2)).gives(U8);
  }

  private void quantization() {
    Tensor scale = TestData.scalar(0.037f);
    Tensor x = Tensor.floats(Shape.of(9), 0, 0.0185f, 0.0555f, -0.0185f, 1e30f, -1e30f, Float.NaN, 3.7f,
        -2.2f);
    for (int opset : new int[]{10, 13, 19, 21, 23}) {
      op("QuantizeLinear", opset).in(x, scale, data.bytes(U8)).gives(U8);
      op("QuantizeLinear", opset).in(data.floats(4, 3, 700), scale, data.bytes(I8)).gives(I8);
    }
    op("QuantizeLinear", 13).in(data.floats(4, 3, 5), scale).gives(U8);
    op("QuantizeLinear", 13).in(data.floats(4, 3, 5, 2), positive(5), data.bytes(I8, 5)).gives(I8);
    op("QuantizeLinear", 21).in(data.floats(4, 3, 5, 2), positive(2), data.bytes(U8, 2)).with("axis", -1)
        .gives(U8);
    op("QuantizeLinear", 21).in(data.floats(4, 3, 5), scale).with("output_dtype", TestModel.number(I8))
        .gives(I8);
  }

  private Tensor positive(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 0.01f + 0.003f * i;
    }
    return Tensor.floats(Shape.of(count), values);
  }

  private void convolutions() {
    ElementType left = U8; // I8 is not in ONNX Runtime
    for (ElementType right : List.of(U8, I8)) {
      Tensor zero = data.bytes(left);
      op("ConvInteger", 10).in(data.bytes(left, 2, 3, 7, 8), data.bytes(right, 5, 3, 3, 3)).gives(I32);
      op("ConvInteger", 13)
          .in(data.bytes(left, 2, 6, 9, 8), data.bytes(right, 4, 3, 3, 2), zero, data.bytes(right))
          .with("group", 2).with("pads", of(1, 2, 0, 1)).with("strides", of(2, 1))
          .with("dilations", of(1, 2)).gives(I32);
      op("ConvInteger", 10)
          .in(data.bytes(left, 1, 20, 30, 31), data.bytes(right, 33, 20, 1, 1), zero, data.bytes(right))
          .with("kernel_shape", of(1, 1)).gives(I32);
      op("ConvInteger", 10)
          .in(data.bytes(left, 1, 8, 9, 9), data.bytes(right, 8, 1, 3, 3), zero, data.bytes(right))
          .with("group", 8).with("pads", of(1, 1, 1, 1)).gives(I32);
      op("ConvInteger", 10)
          .in(data.bytes(left, 2, 3, 40), data.bytes(right, 5, 3, 3), null, data.bytes(right))
          .with("strides", of(2)).gives(I32);
      op("ConvInteger", 10).in(data.bytes(left, 1, 3, 7, 8), data.bytes(right, 1, 3, 3, 3), zero)
          .with("auto_pad", "SAME_UPPER").with("strides", of(2, 2)).gives(I32);
      op("ConvInteger", 10).in(data.bytes(left, 1, 3, 1, 1), data.bytes(right, 4, 3, 1, 1), zero).gives(I32);
    }
  }

  private void requantized() {
    for (ElementType left : List.of(U8, I8)) {
      Tensor sx = TestData.scalar(0.02f);
      Tensor sy = TestData.scalar(0.11f);
      Tensor zx = data.bytes(left);
      Tensor zy = data.bytes(left);
      op("QLinearConv", 10)
          .in(data.bytes(left, 2, 3, 7, 8)).shapes(sx, zx, data.bytes(I8, 5, 3, 3, 3), positive(5),
              Tensor.allocate(I8, Shape.of(5)), sy, zy, data.integers(I32, -9000, 9000, 5))
          .with("pads", of(1, 0, 1, 2)).with("strides", of(2, 1)).gives(left);
      op("QLinearConv", 10)
          .in(data.bytes(left, 1, 8, 9, 9)).shapes(sx, zx, data.bytes(I8, 8, 1, 3, 3), TestData.scalar(0.03f),
              Tensor.allocate(I8, Shape.of()), sy, zy)
          .with("group", 8).with("pads", of(1, 1, 1, 1)).gives(left);
      op("QLinearConv", 10)
          .in(data.bytes(left, 2, 3, 40)).shapes(sx, zx, data.bytes(I8, 5, 3, 3), TestData.scalar(0.03f),
              Tensor.allocate(I8, Shape.of()), sy, zy)
          .gives(left);
    }
  }

  private void products() {
    for (int opset : new int[]{10, 21}) {
      for (ElementType left : List.of(U8, I8)) {
        op("QLinearMatMul", opset)
            .in(data.bytes(left, 2, 7, 40)).shapes(TestData.scalar(0.02f), data.bytes(left),
                data.bytes(I8, 40, 9), TestData.scalar(0.03f), data.bytes(I8), TestData.scalar(0.3f),
                data.bytes(left))
            .gives(left);
      }
      op("QLinearMatMul", opset)
          .in(data.bytes(U8, 7, 40)).shapes(TestData.scalar(0.02f), data.bytes(U8), data.bytes(I8, 40, 9),
              positive(9), Tensor.allocate(I8, Shape.of(9)), TestData.scalar(0.3f), data.bytes(U8))
          .gives(U8);
    }
  }
}
