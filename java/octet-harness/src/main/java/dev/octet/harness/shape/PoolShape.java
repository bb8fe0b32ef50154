package dev.octet.harness.shape;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code p1_64x112x112_k3s2p1}: batch, channels x height x width, then square window, stride and padding on
 * every side of a pooling.
 *
 * @param batch images
 * @param channels channels
 * @param height rows of an image
 * @param width columns of an image
 * @param kernel rows and columns of the window
 * @param stride from one window to the next
 * @param padding on every side
 */
public record PoolShape(int batch, int channels, int height, int width, int kernel, int stride, int padding)
    implements
      BenchShape {
  private static final Pattern TEXT = Pattern
      .compile("p([1-9]\\d{0,5})_([1-9]\\d{0,5})x([1-9]\\d{0,5})x([1-9]\\d{0,5})"
          + "_k([1-9]\\d{0,3})s([1-9]\\d{0,3})p(\\d{1,4})");

  /** Refuses what no pooling is. */
  public PoolShape {
    if (padding >= kernel) {
      throw new IllegalArgumentException(
          "a window of " + kernel + " could lie in the padding of " + padding + " alone");
    }
    if (ConvShape.out(height, kernel, stride, padding, 1) < 1
        || ConvShape.out(width, kernel, stride, padding, 1) < 1) {
      throw new IllegalArgumentException(
          "the window is larger than the padded image of " + height + "x" + width);
    }
  }

  static PoolShape parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("shape \"" + text
          + "\": expected p<batch>_<channels>x<height>x<width>_k<window>s<stride>p<padding>");
    }
    int[] numbers = new int[8];
    for (int i = 1; i < numbers.length; i++) {
      numbers[i] = Integer.parseInt(parts.group(i));
    }
    try {
      return new PoolShape(numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6],
          numbers[7]);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("shape \"" + text + "\": " + e.getMessage(), e);
    }
  }

  /** Rows of an output image. */
  public int outHeight() {
    return ConvShape.out(height, kernel, stride, padding, 1);
  }

  /** Columns of an output image. */
  public int outWidth() {
    return ConvShape.out(width, kernel, stride, padding, 1);
  }

  /** A comparison or an addition for each tap. */
  @Override
  public double operations() {
    return (double) destinationElements() * kernel * kernel;
  }

  @Override
  public long sourceElements() {
    return (long) batch * height * width * channels;
  }

  @Override
  public long weightElements() {
    return 0;
  }

  @Override
  public long destinationElements() {
    return (long) batch * outHeight() * outWidth() * channels;
  }

  @Override
  public String toString() {
    return "p" + batch + "_" + channels + "x" + height + "x" + width + "_k" + kernel + "s" + stride + "p"
        + padding;
  }
}
