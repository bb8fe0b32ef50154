package dev.octet.engine;

/**
 * The windows that a convolution or pooling takes of an image.
 *
 * @param kernelHeight rows of the window
 * @param kernelWidth columns of the window
 * @param strideHeight rows from one window to the next
 * @param strideWidth columns from one window to the next
 * @param dilationHeight rows from one tap to the next, 1: adjacent
 * @param dilationWidth columns from one tap to the next, 1: adjacent
 * @param padTop rows of padding above
 * @param padLeft columns of padding on the left
 * @param padBottom rows of padding below
 * @param padRight columns of padding on the right
 */
public record Window(int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, int dilationHeight,
    int dilationWidth, int padTop, int padLeft, int padBottom, int padRight) {
  /**
   * Rows of the output for an image.
   *
   * @param height rows of the input
   * @return rows of the output, 0 or less if the window does not fit
   */
  public long outHeight(long height) {
    return out(height, kernelHeight, strideHeight, dilationHeight, (long) padTop + padBottom);
  }

  /**
   * Columns of the output for an image.
   *
   * @param width columns of the input
   * @return columns of the output, 0 or less if the window does not fit
   */
  public long outWidth(long width) {
    return out(width, kernelWidth, strideWidth, dilationWidth, (long) padLeft + padRight);
  }

  private static long out(long in, long kernel, long stride, long dilation, long padding) {
    return Math.floorDiv(in + padding - ((kernel - 1) * dilation + 1), stride) + 1;
  }

  /**
   * The first tap of a window at or behind the first pixel of an axis.
   *
   * @param start where the first tap lies, negative in the padding
   * @param dilation pixels from one tap to the next
   * @param taps of the window
   * @return 0 to taps; taps where all of them lie before the image
   */
  public static int firstTap(long start, int dilation, int taps) {
    return (int) Math.clamp(Math.ceilDiv(-start, dilation), 0L, taps);
  }

  /**
   * One behind the last tap of a window in the image.
   *
   * @param start where the first tap lies, negative in the padding
   * @param size pixels of the axis
   * @param dilation pixels from one tap to the next
   * @param taps of the window
   * @param firstTap what {@link #firstTap} returned
   * @return firstTap to taps; firstTap where no tap lies in the image
   */
  public static int endTap(long start, int size, int dilation, int taps, int firstTap) {
    return (int) Math.clamp(Math.ceilDiv(size - start, dilation), (long) firstTap, taps);
  }
}
