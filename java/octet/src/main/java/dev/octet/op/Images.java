package dev.octet.op;

import dev.octet.Shape;
import dev.octet.engine.Window;
import dev.octet.internal.dispatch.Checks;
import java.util.Objects;

/** Sizes of NHWC images and of what windows make of them, checked; shared by convolution and pooling. */
final class Images {
  private Images() {}

  /** Rows of the output for an image of so many rows, at least 1. */
  static int outHeight(Window window, int height) {
    return fits("height", window.outHeight(Checks.positive("height", height)), window.kernelHeight(),
        window.dilationHeight(), height, (long) window.padTop() + window.padBottom());
  }

  /** Columns of the output for an image of so many columns, at least 1. */
  static int outWidth(Window window, int width) {
    return fits("width", window.outWidth(Checks.positive("width", width)), window.kernelWidth(),
        window.dilationWidth(), width, (long) window.padLeft() + window.padRight());
  }

  private static int fits(String side, long out, long kernel, long dilation, long in, long padding) {
    if (out < 1) {
      throw new IllegalArgumentException(side + ": expected at least " + ((kernel - 1) * dilation + 1)
          + " (kernel " + kernel + ", dilation " + dilation + ") with padding, got " + in + " + " + padding);
    }
    if (out > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(side + ": the output's, " + out + ", exceeds 2^31 - 1");
    }
    return (int) out;
  }

  /**
   * The bytes of dense images.
   *
   * @throws IllegalArgumentException if they overflow a long
   */
  static long bytes(String operand, int batch, int height, int width, int channels, int elementBytes) {
    long rows = Checks.product(operand, batch, height);
    long pixels = Checks.product(operand, rows, width);
    return Checks.product(operand, Checks.product(operand, pixels, channels), elementBytes);
  }

  /**
   * The shape of the output for images of a shape.
   *
   * @param input {@code [batch][height][width][channels]}
   * @param channels what the input must have
   * @param outChannels what the output has
   */
  static Shape outputShape(Window window, Shape input, int channels, int outChannels) {
    if (Objects.requireNonNull(input, "input").rank() != 4) {
      throw new IllegalArgumentException("input: expected [batch, height, width, channels], got " + input);
    }
    if (input.dim(3) != channels) {
      throw new IllegalArgumentException(
          "input: expected " + channels + " channels in its last dimension, got " + input);
    }
    return Shape.of(input.dim(0), outHeight(window, input.intDim(1)), outWidth(window, input.intDim(2)),
        outChannels);
  }
}
