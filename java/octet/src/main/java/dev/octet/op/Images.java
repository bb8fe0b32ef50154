package dev.octet.op;

import dev.octet.Shape;
import dev.octet.engine.Window;
import dev.octet.internal.dispatch.Checks;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Checked sizes of NHWC images and of the outputs of convolution and pooling. */
final class Images {
  private Images() {}

  /** Returns the rows of the output for an image of a number of rows, 1 or more. */
  static int outHeight(Window window, int height) {
    return fits("height", window.outHeight(Checks.positive("height", height)), window.kernelHeight(),
        window.dilationHeight(), window.ceil() ? window.strideHeight() - 1L : 0, height,
        (long) window.padTop() + window.padBottom());
  }

  /** Returns the columns of the output for an image of a number of columns, 1 or more. */
  static int outWidth(Window window, int width) {
    return fits("width", window.outWidth(Checks.positive("width", width)), window.kernelWidth(),
        window.dilationWidth(), window.ceil() ? window.strideWidth() - 1L : 0, width,
        (long) window.padLeft() + window.padRight());
  }

  /** Returns the size of an output on a side, which a window of taps must have. */
  static int fits(String side, long out, long kernel, long dilation, long in, long padding) {
    return fits(side, out, kernel, dilation, 0, in, padding);
  }

  /** Of the window, some pixels may lie beyond the padding. */
  private static int fits(String side, long out, long kernel, long dilation, long beyond, long in,
      long padding) {
    if (out < 1) {
      throw new IllegalArgumentException(side + ": expected at least "
          + ((kernel - 1) * dilation + 1 - beyond)
          + " (kernel " + kernel + ", dilation " + dilation + ") with padding, got " + in + " + " + padding);
    }
    return fitsInt(side, out);
  }

  /** Returns the size of an output on a side. */
  static int fitsInt(String side, long out) {
    if (out > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(side + ": the output's, " + out + ", exceeds 2^31 - 1");
    }
    return (int) out;
  }

  /**
   * Returns the size of dense images in bytes.
   *
   * @throws IllegalArgumentException if they overflow a long
   */
  static long bytes(String operand, int batch, int height, int width, int channels, int elementBytes) {
    long rows = Checks.product(operand, batch, height);
    long pixels = Checks.product(operand, rows, width);
    return Checks.product(operand, Checks.product(operand, pixels, channels), elementBytes);
  }

  /**
   * Returns the shape of the output for images of a shape.
   *
   * @param input {@code [batch][height][width][channels]}
   * @param channels the number of channels that the input must have
   * @param outChannels the number of channels of the output
   */
  static Shape outputShape(Window window, Shape input, int channels, int outChannels) {
    requireChannels(input, channels);
    return Shape.of(input.dim(0), outHeight(window, input.intDim(1)), outWidth(window, input.intDim(2)),
        outChannels);
  }

  /**
   * Checks dense 8-bit images and the memory of as many results with as many channels; sizes were checked not
   * to be negative.
   */
  static void operands(MemorySegment x, MemorySegment y, int batch, int height, int width, int outHeight,
      int outWidth, int channels) {
    long xBytes = bytes("x", batch, height, width, channels, 1);
    long yBytes = bytes("y", batch, outHeight, outWidth, channels, 1);
    Checks.readable("x", x, xBytes);
    Checks.writable("y", y, yBytes);
    Checks.disjoint("x", x, xBytes, "y", y, yBytes);
  }

  /** Checks the rank of images of a shape. */
  static void requireImages(Shape input) {
    if (Objects.requireNonNull(input, "input").rank() != 4) {
      throw new IllegalArgumentException("input: expected [batch, height, width, channels], got " + input);
    }
  }

  /** Checks the rank and the channels of images of a shape. */
  static void requireChannels(Shape input, int channels) {
    requireImages(input);
    if (input.dim(3) != channels) {
      throw new IllegalArgumentException(
          "input: expected " + channels + " channels in its last dimension, got " + input);
    }
  }
}
