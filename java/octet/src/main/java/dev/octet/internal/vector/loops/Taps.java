package dev.octet.internal.vector.loops;

/**
 * The pixels that a window takes of an image: a grid, whose first pixel and steps are in bytes. One object
 * serves one window after the other.
 */
public final class Taps {
  /** The first byte of the first pixel. */
  public long at;
  /** Rows of the grid, 0 or more. */
  public int rows;
  /** From one row to the next. */
  public long rowStep;
  /** Pixels of a row, 0 or more. */
  public int columns;
  /** From one pixel to the next. */
  public long columnStep;

  /** An empty grid. */
  public Taps() {}
}
