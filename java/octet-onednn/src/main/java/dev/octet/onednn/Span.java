package dev.octet.onednn;

/**
 * Some outputs of a convolution along one axis, and what of the image they need: a convolution of its own.
 *
 * @param firstIn the first input that any of the windows covers
 * @param in how many inputs they cover, 0 or less where they see padding alone
 * @param before padding before those inputs
 * @param after padding behind them
 * @param firstOut the first output
 * @param out how many
 */
record Span(int firstIn, int in, int before, int after, int firstOut, int out) {
  /**
   * An axis of a convolution.
   *
   * @param taps of the window
   * @param stride from one window to the next
   * @param dilation from one tap to the next, 1: adjacent
   * @param padding before the image
   */
  record Axis(int taps, int stride, int dilation, int padding) {
    /** Inputs that a window spans. */
    long reach() {
      return (taps - 1L) * dilation + 1;
    }

    /**
     * The span of some outputs that has the whole image, for where its inputs have to lie as in the image;
     * begins with an earlier output if the first one's window begins within the image.
     *
     * @param size of the image
     * @param firstOut the first output
     * @param endOut one behind the last one
     */
    Span whole(int size, int firstOut, int endOut) {
      int first = Math.min(firstOut, padding / stride);
      long end = (endOut - 1L) * stride - padding + reach();
      return new Span(0, size, padding - first * stride, (int) Math.max(0, end - size), first,
          endOut - first);
    }

    /**
     * The span of some outputs.
     *
     * @param size of the image
     * @param firstOut the first output
     * @param endOut one behind the last one
     */
    Span span(int size, int firstOut, int endOut) {
      long first = (long) firstOut * stride - padding;
      long end = (endOut - 1L) * stride - padding + reach();
      int firstIn = (int) Math.max(0, first);
      int endIn = (int) Math.min(size, end);
      return new Span(firstIn, endIn - firstIn, (int) (firstIn - first), (int) (end - endIn), firstOut,
          endOut - firstOut);
    }
  }

  /** Whether both are the same convolution, on other places of an image. */
  boolean isLike(Span other) {
    return in == other.in && before == other.before && after == other.after && out == other.out;
  }
}
