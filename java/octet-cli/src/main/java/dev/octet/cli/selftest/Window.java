package dev.octet.cli.selftest;

/**
 * The windows of a convolution or pooling.
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
record Window(int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, int dilationHeight,
    int dilationWidth, int top, int left, int bottom, int right) {
  /** A method of a builder that takes rows and columns. */
  @FunctionalInterface
  interface Pair {
    Object of(int height, int width);
  }

  /** A method of a builder that takes padding on each side. */
  @FunctionalInterface
  interface Padding {
    Object of(int top, int left, int bottom, int right);
  }

  static Window random(Dice dice, int max) {
    int height = dice.oneIn(6) ? 1 : dice.between(1, max);
    int width = dice.oneIn(2) ? height : dice.between(1, max);
    boolean padded = dice.oneIn(2);
    return new Window(height, width, dice.between(1, 3), dice.between(1, 3),
        dice.oneIn(3) ? dice.between(1, 3) : 1, dice.oneIn(3) ? dice.between(1, 3) : 1,
        padded ? dice.between(0, height - 1) : 0, padded ? dice.between(0, width - 1) : 0,
        padded ? dice.between(0, height - 1) : 0, padded ? dice.between(0, width - 1) : 0);
  }

  /** Tells a builder, by its methods. */
  void apply(Pair stride, Pair dilation, Padding padding) {
    stride.of(strideHeight, strideWidth);
    dilation.of(dilationHeight, dilationWidth);
    padding.of(top, left, bottom, right);
  }

  /** A height of images that holds at least one window. */
  int imageHeight(Dice dice, int max) {
    return Math.max(1, (kernelHeight - 1) * dilationHeight + 1 - top - bottom) + dice.size(max) - 1;
  }

  /** A width of images that holds at least one window. */
  int imageWidth(Dice dice, int max) {
    return Math.max(1, (kernelWidth - 1) * dilationWidth + 1 - left - right) + dice.size(max) - 1;
  }

  @Override
  public String toString() {
    return "windows " + kernelHeight + " x " + kernelWidth + ", stride " + strideHeight + " x " + strideWidth
        + ", dilation " + dilationHeight + " x " + dilationWidth + ", padding " + top + " " + left + " "
        + bottom
        + " " + right;
  }
}
