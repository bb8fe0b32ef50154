package dev.octet.onnx;

import static dev.octet.onnx.OpCases.ROUNDING;
import static dev.octet.onnx.TestModel.vector;
import static dev.octet.onnx.value.ElementType.F32;

import dev.octet.Shape;
import dev.octet.onnx.value.Tensor;
import java.util.List;

/** The cases of operators that work on images, for {@link OpsTest}. */
final class ImageOpCases {
  /** Of sums of some hundred products in another order. */
  private static final double SUMS = 2e-5;
  /** Of differences of products of up to a hundred. */
  private static final double FACTORS = 5e-5;

  private final OpCases cases;

  ImageOpCases(OpCases cases) {
    this.cases = cases;
  }

  private OpCases.Case op(String op, int opset) {
    return cases.op(op, opset);
  }

  private Tensor floats(long... dims) {
    return cases.floats(dims);
  }

  private Tensor small(long... dims) {
    return cases.data.floats(0.2f, dims);
  }

  private static long[] of(long... values) {
    return values;
  }

  void all() {
    convolutions();
    depthwise();
    transposed();
    normalization();
    maxima();
    averages();
    nearest();
    linear();
  }

  private void convolutions() {
    for (int opset : new int[]{9, 11, 22}) {
      op("Conv", opset).in(floats(2, 3, 9, 11), small(5, 3, 3, 3), floats(5)).within(SUMS).gives(F32);
    }
    op("Conv", 11).in(floats(1, 6, 8, 7), small(9, 6, 1, 1)).within(SUMS).gives(F32);
    op("Conv", 11).in(floats(2, 6, 30, 40), small(9, 6, 1, 1), floats(9)).within(SUMS).gives(F32);
    op("Conv", 11).in(floats(3, 6, 1, 1), small(9, 6, 1, 1), floats(9)).within(SUMS).gives(F32);
    op("Conv", 11).in(floats(2, 3, 30, 41), small(6, 3, 3, 5), floats(6)).with("pads", of(1, 2, 0, 3))
        .with("strides", of(2, 3)).with("kernel_shape", of(3, 5)).within(SUMS).gives(F32);
    op("Conv", 11).in(floats(1, 4, 13, 12), small(6, 2, 3, 2), floats(6)).with("group", 2)
        .with("dilations", of(2, 3)).with("pads", of(2, 2, 2, 2)).with("strides", of(1, 2)).within(SUMS)
        .gives(F32);
    op("Conv", 11).in(floats(1, 4, 5, 5), small(4, 4, 1, 1)).with("strides", of(2, 2)).within(SUMS)
        .gives(F32);
    op("Conv", 11).in(floats(1, 40, 6, 6), small(3, 40, 3, 3)).with("pads", of(1, 1, 1, 1)).within(SUMS)
        .gives(F32);
    op("Conv", 11).in(floats(1, 2, 3, 3), small(2, 2, 5, 5)).with("pads", of(4, 4, 4, 4))
        .with("strides", of(3, 4)).within(SUMS).gives(F32);
    op("Conv", 11).in(floats(1, 2, 4, 4), small(3, 2, 3, 3)).with("strides", of(9, 9)).within(SUMS)
        .gives(F32);
    for (String padding : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
      op("Conv", 11).in(floats(1, 2, 7, 10), small(3, 2, 4, 3)).with("auto_pad", padding)
          .with("strides", of(2, 3)).within(SUMS).gives(F32);
    }
    op("Conv", 11).in(floats(1, 2, 7, 10), small(3, 2, 4, 3)).with("auto_pad", "VALID")
        .with("dilations", of(1, 2)).within(SUMS).gives(F32);
    op("Conv", 11).in(floats(2, 3, 50), small(7, 3, 9), floats(7)).with("strides", of(4))
        .with("pads", of(3, 2))
        .within(SUMS).gives(F32);
    op("Conv", 11).in(floats(1, 4, 20), small(4, 1, 3)).with("group", 4).with("dilations", of(2)).within(SUMS)
        .gives(F32);
    op("Conv", 11).in(floats(0, 3, 9, 11), small(5, 3, 3, 3)).within(SUMS).gives(F32);
  }

  private void depthwise() {
    op("Conv", 11).in(floats(2, 5, 40, 50), small(5, 1, 3, 3), floats(5)).with("group", 5)
        .with("pads", of(1, 1, 1, 1)).within(SUMS).gives(F32);
    op("Conv", 11).in(floats(1, 5, 9, 9), small(5, 1, 5, 5)).with("group", 5).with("pads", of(2, 2, 2, 2))
        .with("strides", of(2, 1)).within(SUMS).gives(F32);
    op("Conv", 11).in(floats(1, 5, 9, 10), small(5, 1, 3, 3)).with("group", 5).with("pads", of(1, 0, 1, 2))
        .with("strides", of(2, 3)).with("dilations", of(2, 1)).within(SUMS).gives(F32);
    op("Conv", 11).in(floats(1, 3, 9, 10), small(6, 1, 3, 3), floats(6)).with("group", 3).within(SUMS)
        .gives(F32);
  }

  private void transposed() {
    for (int opset : new int[]{9, 11, 22}) {
      op("ConvTranspose", opset).in(floats(2, 3, 5, 6), small(3, 4, 3, 2), floats(4)).within(SUMS).gives(F32);
    }
    op("ConvTranspose", 11).in(floats(1, 4, 9, 70), small(4, 2, 2, 2), floats(2)).with("strides", of(2, 2))
        .within(SUMS).gives(F32);
    op("ConvTranspose", 11).in(floats(2, 4, 5, 6), small(4, 3, 3, 4)).with("strides", of(2, 3))
        .with("group", 2)
        .with("pads", of(1, 0, 2, 1)).with("output_padding", of(1, 2)).within(SUMS).gives(F32);
    op("ConvTranspose", 11).in(floats(1, 2, 5, 6), small(2, 2, 3, 3)).with("dilations", of(2, 3))
        .with("pads", of(2, 2, 2, 2)).within(SUMS).gives(F32);
    for (String padding : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
      op("ConvTranspose", 11).in(floats(1, 2, 5, 6), small(2, 2, 3, 4)).with("auto_pad", padding)
          .with("strides", of(2, 2)).within(SUMS).gives(F32);
    }
    op("ConvTranspose", 11).in(floats(1, 2, 5, 6), small(2, 2, 3, 3)).with("output_shape", of(10, 11))
        .with("strides", of(2, 2)).within(SUMS).gives(F32);
    op("ConvTranspose", 11).in(floats(1, 2, 20), small(2, 3, 4), floats(3)).with("strides", of(3))
        .within(SUMS)
        .gives(F32);
  }

  private void normalization() {
    Tensor variance = Tensor.floats(Shape.of(5), 0.1f, 3, 1e-3f, 2, 0.7f);
    for (int opset : new int[]{9, 14, 15}) {
      op("BatchNormalization", opset).in(floats(2, 5, 7, 9), floats(5), floats(5), floats(5), variance)
          .within(FACTORS).gives(F32);
    }
    op("BatchNormalization", 9).in(floats(2, 5), floats(5), floats(5), floats(5), variance)
        .with("epsilon", 0.01f).with("momentum", 0.5f).within(FACTORS).gives(F32);
    op("BatchNormalization", 15).in(floats(2, 5, 3000), floats(5), floats(5), floats(5), variance)
        .within(FACTORS).gives(F32);
  }

  private void maxima() {
    for (int opset : new int[]{9, 10, 11, 12, 22}) {
      op("MaxPool", opset).in(floats(2, 3, 9, 11)).with("kernel_shape", of(2, 3)).with("strides", of(2, 2))
          .gives(F32);
    }
    op("MaxPool", 11).in(floats(1, 3, 40, 50)).with("kernel_shape", of(3, 3)).with("pads", of(1, 1, 1, 1))
        .gives(F32);
    op("MaxPool", 12).in(floats(1, 2, 10, 13)).with("kernel_shape", of(3, 2)).with("dilations", of(2, 3))
        .with("strides", of(3, 2)).with("pads", of(1, 0, 0, 1)).gives(F32);
    for (long[] strides : new long[][]{{2, 2}, {3, 3}, {2, 3}}) {
      op("MaxPool", 12).in(floats(1, 2, 10, 12)).with("kernel_shape", of(2, 2)).with("strides", strides)
          .with("ceil_mode", 1).gives(F32);
      op("MaxPool", 12).in(floats(1, 2, 9, 11)).with("kernel_shape", of(3, 3)).with("strides", strides)
          .with("pads", of(1, 1, 1, 1)).with("ceil_mode", 1).gives(F32);
    }
    for (String padding : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
      op("MaxPool", 12).in(floats(1, 2, 10, 13)).with("kernel_shape", of(3, 2)).with("strides", of(2, 3))
          .with("auto_pad", padding).gives(F32);
    }
    op("MaxPool", 11).in(floats(1, 3, 40)).with("kernel_shape", of(3)).with("strides", of(2)).gives(F32);
    op("GlobalMaxPool", 9).in(floats(2, 3, 5, 7)).gives(F32);
    op("GlobalMaxPool", 22).in(floats(2, 3, 50)).gives(F32);
  }

  private void averages() {
    for (int opset : new int[]{9, 10, 11, 19, 22}) {
      op("AveragePool", opset).in(floats(2, 3, 9, 11)).with("kernel_shape", of(2, 3))
          .with("strides", of(2, 2))
          .within(ROUNDING).gives(F32);
    }
    for (int counts = 0; counts < 2; counts++) {
      op("AveragePool", 11).in(floats(1, 2, 40, 50)).with("kernel_shape", of(3, 3))
          .with("pads", of(1, 1, 1, 1))
          .with("count_include_pad", counts).within(ROUNDING).gives(F32);
      op("AveragePool", 19).in(floats(1, 2, 10, 12)).with("kernel_shape", of(3, 2)).with("strides", of(3, 3))
          .with("pads", of(1, 0, 1, 1)).with("ceil_mode", 1).with("count_include_pad", counts)
          .within(ROUNDING)
          .gives(F32);
      op("AveragePool", 19).in(floats(1, 2, 10, 13)).with("kernel_shape", of(3, 2))
          .with("dilations", of(2, 3))
          .with("pads", of(2, 1, 2, 1)).with("count_include_pad", counts).within(ROUNDING).gives(F32);
    }
    for (String padding : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
      op("AveragePool", 11).in(floats(1, 2, 10, 13)).with("kernel_shape", of(3, 2)).with("strides", of(2, 3))
          .with("auto_pad", padding).within(ROUNDING).gives(F32);
    }
    op("AveragePool", 11).in(floats(1, 3, 40)).with("kernel_shape", of(3)).with("strides", of(2))
        .within(ROUNDING).gives(F32);
    op("GlobalAveragePool", 9).in(floats(2, 3, 5, 7)).within(ROUNDING).gives(F32);
    op("GlobalAveragePool", 22).in(floats(2, 3, 50)).within(ROUNDING).gives(F32);
  }

  private static Tensor scales(float... scales) {
    return Tensor.floats(Shape.of(scales.length), scales);
  }

  private void nearest() {
    Tensor none = Tensor.floats(Shape.of(0));
    op("Resize", 10).in(floats(1, 2, 4, 5)).shapes(scales(1, 1, 2, 3)).gives(F32);
    op("Resize", 10).in(floats(1, 2, 9, 8)).shapes(scales(1, 1, 0.6f, 0.5f)).gives(F32);
    for (String mode : List.of("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric",
        "tf_half_pixel_for_nn")) {
      for (String nearest : List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")) {
        int opset = mode.equals("tf_half_pixel_for_nn") ? 11 : 13;
        op("Resize", opset).in(floats(1, 2, 4, 5)).shapes(none, scales(1, 1, 2, 2.6f))
            .with("coordinate_transformation_mode", mode).with("nearest_mode", nearest).gives(F32);
        op("Resize", opset).in(floats(1, 2, 9, 15)).shapes(none, none, vector(1, 2, 7, 4))
            .with("coordinate_transformation_mode", mode).with("nearest_mode", nearest).gives(F32);
      }
    }
    op("Resize", 13).in(floats(1, 2, 4, 5)).shapes(null, null, vector(1, 2, 8, 5)).gives(F32);
    op("Resize", 13).in(floats(3, 4)).shapes(null, scales(2, 1)).gives(F32);
    op("Resize", 13).in(floats(1, 2, 4, 5)).shapes(null, scales(1, 1, 1, 1)).gives(F32);
    op("Resize", 18).in(floats(1, 2, 4, 5)).shapes(null, scales(2, 3)).with("axes", of(3, 2)).gives(F32);
    op("Resize", 19).in(floats(1, 2, 4, 5)).shapes(null, null, vector(7, 3)).with("axes", of(2, -1))
        .with("keep_aspect_ratio_policy", "stretch").gives(F32);
  }

  private void linear() {
    op("Resize", 10).in(floats(1, 2, 4, 5)).shapes(scales(1, 1, 2, 3)).with("mode", "linear").within(ROUNDING)
        .gives(F32);
    for (String mode : List.of("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")) {
      op("Resize", 11).in(floats(2, 3, 4, 5)).shapes(Tensor.floats(Shape.of(0)), scales(1, 1, 2, 2.6f))
          .with("mode", "linear").with("coordinate_transformation_mode", mode).within(ROUNDING).gives(F32);
      op("Resize", 13).in(floats(2, 3, 9, 15)).shapes(null, null, vector(2, 3, 7, 4)).with("mode", "linear")
          .with("coordinate_transformation_mode", mode).within(ROUNDING).gives(F32);
      op("Resize", 13).in(floats(1, 1, 9, 15)).shapes(null, null, vector(1, 1, 1, 20)).with("mode", "linear")
          .with("coordinate_transformation_mode", mode).within(ROUNDING).gives(F32);
    }
    op("Resize", 18).in(floats(1, 2, 4, 5)).shapes(null, null, vector(8, 10)).with("axes", of(2, 3))
        .with("mode", "linear").within(ROUNDING).gives(F32);
    op("Resize", 13).in(floats(4, 5)).shapes(null, scales(2, 3)).with("mode", "linear").within(ROUNDING)
        .gives(F32);
  }
}
