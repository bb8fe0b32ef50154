package dev.octet.internal.vector.products;

/** How long the array of a panel is. */
final class PanelSize {
  private PanelSize() {}

  /**
   * Entries of a panel.
   *
   * @param rows of the panel
   * @param width columns
   * @return their product
   * @throws UnsupportedOperationException if no array is so long: another engine may hold such weights
   */
  static int of(int rows, int width) {
    long size = (long) rows * width;
    if (size > Integer.MAX_VALUE) {
      throw new UnsupportedOperationException("weights: a panel of " + rows + " rows and " + width
          + " columns has more entries than an array, 2^31 - 1");
    }
    return (int) size;
  }
}
