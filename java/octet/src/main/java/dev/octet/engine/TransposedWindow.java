package dev.octet.engine;

/**
 * Windows of a transposed convolution. Pixel i of the input meets tap k at pixel
 * {@code i * stride + k * dilation - padding} of the output, on each axis.
 *
 * @param window kernel, stride and dilation as steps in the output; padding is cut off from its sides
 * @param outputPadHeight rows added at the bottom of the output
 * @param outputPadWidth columns added on the right of the output
 */
public record TransposedWindow(Window window, int outputPadHeight, int outputPadWidth) {
  /**
   * Returns the number of rows of the output for an image.
   *
   * @param height the rows of the input, 1 or more
   * @return rows of the output, 0 or less if the padding cuts off all of them
   */
  public long outHeight(long height) {
    return (height - 1) * window.strideHeight() - window.padTop() - window.padBottom()
        + (window.kernelHeight() - 1L) * window.dilationHeight() + outputPadHeight + 1;
  }

  /**
   * Returns the number of columns of the output for an image.
   *
   * @param width the columns of the input, 1 or more
   * @return columns of the output, 0 or less if the padding cuts off all of them
   */
  public long outWidth(long width) {
    return (width - 1) * window.strideWidth() - window.padLeft() - window.padRight()
        + (window.kernelWidth() - 1L) * window.dilationWidth() + outputPadWidth + 1;
  }
}
