package dev.octet.testing;

/**
 * The windows of a convolution or pooling, for tests.
 *
 * @param kernelHeight rows of a window
 * @param kernelWidth columns of a window
 * @param strideHeight rows from one window to the next
 * @param strideWidth columns from one window to the next
 * @param dilationHeight rows from one tap to the next
 * @param dilationWidth columns from one tap to the next
 * @param top rows of padding above
 * @param left columns of padding on the left
 * @param bottom rows of padding below
 * @param right columns of padding on the right
 */
record WindowSizes(int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, int dilationHeight,
    int dilationWidth, int top, int left, int bottom, int right) {
  /** Windows up to a size, each padding smaller than the window (ONNX Runtime's pooling demands that). */
  static WindowSizes random(Dice dice, int max) {
    boolean flat = dice.oneIn(8);
    int kh = flat ? 1 : dice.between(1, max);
    int kw = dice.oneIn(2) && !flat ? kh : dice.between(1, max);
    boolean padded = dice.oneIn(2);
    return new WindowSizes(kh, kw, flat ? 1 : dice.between(1, 3), dice.between(1, 3),
        dice.oneIn(3) && !flat ? dice.between(1, 3) : 1, dice.oneIn(3) ? dice.between(1, 3) : 1,
        padded ? dice.between(0, kh - 1) : 0, padded ? dice.between(0, kw - 1) : 0,
        padded ? dice.between(0, kh - 1) : 0, padded ? dice.between(0, kw - 1) : 0);
  }

  /** A window without stride, dilation or padding. */
  static WindowSizes plain(int height, int width) {
    return new WindowSizes(height, width, 1, 1, 1, 1, 0, 0, 0, 0);
  }

  /** A height of images that holds at least one window; 1 for windows of one row: 1-D. */
  int height(Dice dice, int max) {
    int least = Math.max(1, (kernelHeight - 1) * dilationHeight + 1 - top - bottom);
    return kernelHeight == 1 && strideHeight == 1 && dice.oneIn(2) ? 1 : least + dice.size(max) - 1;
  }

  /** A width of images that holds at least one window. */
  int width(Dice dice, int max) {
    return Math.max(1, (kernelWidth - 1) * dilationWidth + 1 - left - right) + dice.size(max) - 1;
  }

  /** Gives these sizes to the latest node of a model; flat: only those of the width, for 1-D. */
  OnnxModel attributes(OnnxModel model, boolean flat) {
    return flat
        ? model.attribute("kernel_shape", new long[]{kernelWidth})
            .attribute("strides", new long[]{strideWidth})
            .attribute("dilations", new long[]{dilationWidth}).attribute("pads", left, right)
        : model.attribute("kernel_shape", kernelHeight, kernelWidth)
            .attribute("strides", strideHeight, strideWidth)
            .attribute("dilations", dilationHeight, dilationWidth)
            .attribute("pads", top, left, bottom, right);
  }

  int outHeight(int height) {
    return out((long) height + top + bottom, kernelHeight, strideHeight, dilationHeight);
  }

  int outWidth(int width) {
    return out((long) width + left + right, kernelWidth, strideWidth, dilationWidth);
  }

  /** Rounded up: the windows that begin in the image or before it and reach to its end, or beyond. */
  int outHeight(int height, boolean ceil) {
    return ceil ? up(height, top, bottom, kernelHeight, strideHeight, dilationHeight) : outHeight(height);
  }

  int outWidth(int width, boolean ceil) {
    return ceil ? up(width, left, right, kernelWidth, strideWidth, dilationWidth) : outWidth(width);
  }

  private static int up(int in, int before, int after, int kernel, int stride, int dilation) {
    int windows = 1;
    int start = 0;
    while (start + (kernel - 1) * dilation + 1 < in + before + after && start + stride < in + before) {
      start += stride;
      windows++;
    }
    return windows;
  }

  private static int out(long padded, long kernel, int stride, int dilation) {
    return (int) ((padded - ((kernel - 1) * dilation + 1)) / stride) + 1;
  }
}
