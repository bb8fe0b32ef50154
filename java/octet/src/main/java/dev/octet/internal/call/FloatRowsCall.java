package dev.octet.internal.call;

import java.lang.foreign.MemorySegment;

/** A call that makes rows of floats of rows of floats. */
public final class FloatRowsCall extends Call {
  /** Rows, dense. */
  public final Operand src = operand();
  /** What is added to the rows: one for all, or one for each; or not given. */
  public final Operand other = operand();
  /** Rows, dense. */
  public final Operand dst = operand();
  /** Floats of a row. */
  public int columns;
  /** Whether all rows share {@link #other}. */
  public boolean isShared;
  private long rows;
  private long rowsPerTile;

  /**
   * Sets what the caller gave.
   *
   * @param operand rows
   * @param addend what is added to them, or null
   * @param shared whether that is one row
   * @param result rows
   * @param count rows
   * @param length floats of a row
   */
  public void set(MemorySegment operand, MemorySegment addend, boolean shared, MemorySegment result,
      long count, int length) {
    src.set(operand, Float.BYTES);
    other.set(addend, Float.BYTES);
    dst.set(result, Float.BYTES);
    isShared = shared;
    rows = count;
    columns = length;
  }

  /**
   * Cuts the call.
   *
   * @param rowNanos what a row takes
   * @param threads that share the call
   * @param most rows of a tile
   */
  public void cut(double rowNanos, int threads, long most) {
    rowsPerTile = Math.clamp(Cutting.STREAM.elements(rows, rows * rowNanos, threads, 1), 1,
        Math.max(most, rows >>> 30));
  }

  /** Returns the number of tiles. */
  public int tiles() {
    return (int) Math.ceilDiv(rows, rowsPerTile);
  }

  /** Returns the first row of a tile. */
  public long firstRow(int tile) {
    return tile * rowsPerTile;
  }

  /** Returns the rows of a tile. */
  public long rowsOf(int tile) {
    return Math.min(rowsPerTile, rows - firstRow(tile));
  }
}
