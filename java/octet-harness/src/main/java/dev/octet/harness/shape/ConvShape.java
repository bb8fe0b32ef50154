package dev.octet.harness.shape;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code n1_64x56x56_oc64_k3s1p1[d2][g4][_dw]}: batch, channels x height x width, output channels, then
 * square kernel, stride, padding on every side, dilation and groups; {@code _dw}: as many groups as channels.
 *
 * @param batch images
 * @param channels input channels
 * @param height rows of an image
 * @param width columns of an image
 * @param outChannels output channels
 * @param kernel rows and columns of the window
 * @param stride from one window to the next
 * @param padding on every side
 * @param dilation from one tap to the next, 1: adjacent
 * @param groups groups of channels
 */
public record ConvShape(int batch, int channels, int height, int width, int outChannels, int kernel,
    int stride,
    int padding, int dilation, int groups) implements BenchShape {
  private static final Pattern TEXT = Pattern
      .compile("n([1-9]\\d{0,5})_([1-9]\\d{0,5})x([1-9]\\d{0,5})x([1-9]\\d{0,5})"
          + "_oc([1-9]\\d{0,5})_k([1-9]\\d{0,3})s([1-9]\\d{0,3})p(\\d{1,4})(?:d([1-9]\\d{0,3}))?(?:g([1-9]\\d{0,5}))?(_dw)?");

  /** Refuses what no convolution is. */
  public ConvShape {
    if (channels % groups != 0 || outChannels % groups != 0) {
      throw new IllegalArgumentException(
          channels + " and " + outChannels + " channels do not divide into " + groups
              + " groups");
    }
    if (out(height, kernel, stride, padding, dilation) < 1
        || out(width, kernel, stride, padding, dilation) < 1) {
      throw new IllegalArgumentException(
          "the window is larger than the padded image of " + height + "x" + width);
    }
  }

  static ConvShape parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches() || (parts.group(10) != null && parts.group(11) != null)) {
      throw new IllegalArgumentException("shape \"" + text
          + "\": expected n<batch>_<channels>x<height>x<width>_oc<channels>_k<kernel>s<stride>p<padding>"
          + "[d<dilation>][g<groups>|_dw]");
    }
    int[] numbers = new int[11];
    for (int i = 1; i <= 10; i++) {
      numbers[i] = parts.group(i) == null ? 1 : Integer.parseInt(parts.group(i));
    }
    int groups = parts.group(11) != null ? numbers[2] : numbers[10];
    try {
      return new ConvShape(numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7],
          numbers[8], numbers[9], groups);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("shape \"" + text + "\": " + e.getMessage(), e);
    }
  }

  static int out(int in, int kernel, int stride, int padding, int dilation) {
    return Math.floorDiv(in + 2 * padding - dilation * (kernel - 1) - 1, stride) + 1;
  }

  /** Rows of an output image. */
  public int outHeight() {
    return out(height, kernel, stride, padding, dilation);
  }

  /** Columns of an output image. */
  public int outWidth() {
    return out(width, kernel, stride, padding, dilation);
  }

  /** Input channels of a group. */
  public int channelsPerGroup() {
    return channels / groups;
  }

  /** The products of one sum. */
  public int products() {
    return channelsPerGroup() * kernel * kernel;
  }

  @Override
  public double operations() {
    return 2.0 * destinationElements() * products();
  }

  @Override
  public double neededOperations() {
    return 2.0 * batch * outChannels * channelsPerGroup() * taps(height, outHeight())
        * taps(width, outWidth());
  }

  /** Pairs of output index and tap, in one dimension, that lie inside the image. */
  private double taps(int in, int out) {
    long count = 0;
    for (int o = 0; o < out; o++) {
      for (int tap = 0; tap < kernel; tap++) {
        int i = o * stride + tap * dilation - padding;
        count += i >= 0 && i < in ? 1 : 0;
      }
    }
    return count;
  }

  @Override
  public long sourceElements() {
    return (long) batch * height * width * channels;
  }

  @Override
  public long weightElements() {
    return (long) outChannels * products();
  }

  @Override
  public long destinationElements() {
    return (long) batch * outHeight() * outWidth() * outChannels;
  }

  @Override
  public String toString() {
    boolean depthwise = groups == channels && groups > 1;
    return "n" + batch + "_" + channels + "x" + height + "x" + width + "_oc" + outChannels + "_k" + kernel
        + "s" + stride
        + "p" + padding + (dilation == 1 ? "" : "d" + dilation)
        + (groups == 1 || depthwise ? "" : "g" + groups)
        + (depthwise ? "_dw" : "");
  }
}
