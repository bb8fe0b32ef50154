package dev.octet.onnx.internal.op;

/**
 * A window that moves over images of known sizes.
 *
 * @param rows along the rows
 * @param columns along the columns
 */
record Window(Axis rows, Axis columns) {
  /**
   * One direction.
   *
   * @param length of the image
   * @param size taps of the window
   * @param stride from one window to the next; 1 where there is one window
   * @param dilation from one tap to the next
   * @param before elements of padding before the image
   * @param behind elements of padding behind it
   * @param windows how many there are
   */
  record Axis(int length, int size, int stride, int dilation, int before, int behind, int windows) {
    /** The elements that the windows cover, of which those of the image begin behind the padding. */
    long covered() {
      return (windows - 1L) * stride + (size - 1L) * dilation + 1;
    }

    /** How many taps of a window lie in the image, or in the padded image. */
    int taps(int window, boolean padded) {
      long first = (long) window * stride;
      long from = padded ? 0 : before;
      long to = (long) before + length + (padded ? behind : 0);
      long inFront = Math.clamp(Math.ceilDiv(from - first, dilation), 0, (long) size);
      return (int) (Math.clamp(Math.ceilDiv(to - first, dilation), inFront, (long) size) - inFront);
    }

    private boolean isPlain() {
      return size == 1 && stride == 1 && before == 0 && windows == length;
    }
  }

  /** Elements of an image. */
  long pixels() {
    return (long) rows.length * columns.length;
  }

  /** How many windows there are. */
  long windows() {
    return (long) rows.windows * columns.windows;
  }

  /** Elements of a window. */
  int taps() {
    return rows.size * columns.size;
  }

  /** Whether each window is one element of the image, in order. */
  boolean isPointwise() {
    return rows.isPlain() && columns.isPlain();
  }
}
