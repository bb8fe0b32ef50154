package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;

import dev.octet.Shape;
import java.util.Map;

/**
 * What ONNX Runtime says to convolutions that it has for floats alone: of integers whose sums stay below 2^24
 * its floats are exact, in whatever order it sums.
 */
final class FloatConvJudge {
  /** Products of two 9-bit integers that certainly stay below. */
  static final int MOST_PRODUCTS = (1 << 24) / (255 * 255);

  private final OnnxRuntime runtime;

  FloatConvJudge(OnnxRuntime runtime) {
    this.runtime = runtime;
  }

  /** The accumulators of a transposed convolution. */
  Tensor convTranspose(ConvTranspose2dCase c) {
    OnnxModel model = new OnnxModel().input("x", F32).input("w", F32).output("y", F32).node("ConvTranspose",
        "x w", "y");
    c.window.attributes(model, false).attribute("group", (long) c.groups).attribute("output_padding",
        (long) c.outputPadHeight, (long) c.outputPadWidth);
    int out = c.w.shape().intDim(3);
    Tensor weights = Tensor.zeros(F32, c.w.shape().toArray());
    for (int i = 0; i < c.w.elements(); i++) {
      weights.set(i, (float) (c.w.get(i) - c.weightZeroPoint(i % out)));
    }
    Map<String, Tensor> inputs = Map.of("x", Operands.channelsFirst(centred(c.x, c.inputZeroPoint)), "w",
        Operands.channelsFirst(weights));
    Shape shape = c.outShape();
    Tensor y = runtime.run(model, inputs).get("y").reshape(shape.dim(0), shape.dim(3), shape.dim(1),
        shape.dim(2));
    return integers(Operands.channelsLast(y));
  }

  /** The accumulators of a convolution of volumes. */
  Tensor conv(Conv3dCase c) {
    OnnxModel model = new OnnxModel().input("x", F32).input("w", F32).output("y", F32)
        .node("Conv", "x w", "y")
        .attribute("kernel_shape", (long) c.frames.kernel(), c.window.kernelHeight(), c.window.kernelWidth())
        .attribute("strides", (long) c.frames.stride(), c.window.strideHeight(), c.window.strideWidth())
        .attribute("dilations", (long) c.frames.dilation(), c.window.dilationHeight(),
            c.window.dilationWidth())
        .attribute("pads", (long) c.frames.front(), c.window.top(), c.window.left(), c.frames.back(),
            c.window.bottom(), c.window.right())
        .attribute("group", (long) c.groups);
    long perChannel = c.w.elements() / c.outChannels();
    Tensor weights = Tensor.zeros(F32, c.w.shape().toArray());
    for (int i = 0; i < c.w.elements(); i++) {
      weights.set(i, (float) (c.w.get(i) - c.weightZeroPoint((int) (i / perChannel))));
    }
    Map<String, Tensor> inputs = Map.of("x", Conv3dCase.volumesChannelsFirst(centred(c.x, c.inputZeroPoint)),
        "w", Conv3dCase.volumesChannelsFirst(weights));
    Shape shape = c.outShape();
    Tensor y = runtime.run(model, inputs).get("y").reshape(shape.dim(0), shape.dim(4),
        shape.dim(1) * shape.dim(2), shape.dim(3));
    return integers(Operands.channelsLast(y)).reshape(shape.toArray());
  }

  private static Tensor centred(Tensor x, int zeroPoint) {
    Tensor floats = Tensor.zeros(F32, x.shape().toArray());
    for (int i = 0; i < x.elements(); i++) {
      floats.set(i, (float) (x.get(i) - zeroPoint));
    }
    return floats;
  }

  private static Tensor integers(Tensor floats) {
    Tensor integers = Tensor.zeros(S32, floats.shape().toArray());
    for (int i = 0; i < floats.elements(); i++) {
      integers.set(i, (int) floats.real(i));
    }
    return integers;
  }
}
