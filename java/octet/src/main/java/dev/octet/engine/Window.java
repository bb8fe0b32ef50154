package dev.octet.engine;

/**
 * Windows of a convolution or pooling: size, stride, dilation and padding.
 *
 * @param kernelHeight rows of the window
 * @param kernelWidth columns of the window
 * @param strideHeight rows from one window to the next
 * @param strideWidth columns from one window to the next
 * @param dilationHeight rows from one tap to the next; 1 if adjacent
 * @param dilationWidth columns from one tap to the next; 1 if adjacent
 * @param padTop rows of padding above
 * @param padLeft columns of padding on the left
 * @param padBottom rows of padding below
 * @param padRight columns of padding on the right
 * @param ceil whether an axis has one more window where the last stride leaves some of it uncovered and that
 *        window begins before the end of the image
 */
public record Window(int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, int dilationHeight,
    int dilationWidth, int padTop, int padLeft, int padBottom, int padRight, boolean ceil) {
  /** Windows that lie in the padded image. */
  public Window(int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, int dilationHeight,
      int dilationWidth, int padTop, int padLeft, int padBottom, int padRight) {
    this(kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
        padBottom, padRight, false);
  }

  /**
   * Returns the number of rows of the output for an image.
   *
   * @param height the rows of the input
   * @return rows of the output, 0 or less if the window does not fit
   */
  public long outHeight(long height) {
    return out(height, kernelHeight, strideHeight, dilationHeight, padTop, padBottom);
  }

  /**
   * Returns the number of columns of the output for an image.
   *
   * @param width the columns of the input
   * @return columns of the output, 0 or less if the window does not fit
   */
  public long outWidth(long width) {
    return out(width, kernelWidth, strideWidth, dilationWidth, padLeft, padRight);
  }

  private long out(long in, long kernel, long stride, long dilation, long before, long after) {
    long rest = in + before + after - ((kernel - 1) * dilation + 1);
    long out = Math.floorDiv(rest, stride) + 1;
    boolean another = ceil && Math.floorMod(rest, stride) != 0 && out * stride < in + before;
    return another ? out + 1 : out;
  }

  /**
   * Returns how many rows of a window lie in the padded image: all of them, but for the last one of an axis
   * that is rounded up.
   *
   * @param top the row of tap 0, negative in the padding
   * @param height the rows of the image
   * @return 1 to the rows of the window
   */
  public int paddedRows(long top, int height) {
    return endTap(top, (long) height + padBottom, dilationHeight, kernelHeight, 0);
  }

  /**
   * Returns how many columns of a window lie in the padded image.
   *
   * @param left the column of tap 0, negative in the padding
   * @param width the columns of the image
   * @return 1 to the columns of the window
   */
  public int paddedColumns(long left, int width) {
    return endTap(left, (long) width + padRight, dilationWidth, kernelWidth, 0);
  }

  /**
   * Returns the index of the first tap of a window that does not lie before the image.
   *
   * @param start the position of tap 0 on the axis, negative in the padding
   * @param dilation pixels from one tap to the next
   * @param taps the number of taps of the window on the axis
   * @return 0 to taps; taps if all of them lie before the image
   */
  public static int firstTap(long start, int dilation, int taps) {
    return (int) Math.clamp(Math.ceilDiv(-start, dilation), 0L, taps);
  }

  /**
   * Returns the index of the last tap of a window that lies in the image, plus 1.
   *
   * @param start the position of tap 0 on the axis, negative in the padding
   * @param size the pixels of the image on the axis
   * @param dilation pixels from one tap to the next
   * @param taps the number of taps of the window on the axis
   * @param firstTap the result of {@link #firstTap}
   * @return firstTap to taps; firstTap if no tap lies in the image
   */
  public static int endTap(long start, long size, int dilation, int taps, int firstTap) {
    return (int) Math.clamp(Math.ceilDiv(size - start, dilation), (long) firstTap, taps);
  }
}
