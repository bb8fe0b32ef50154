package dev.octet.internal.call;

import java.lang.foreign.MemorySegment;

/** A call of rows times fixed weights. */
public final class RowCall extends Call {
  /** Rows of source elements. */
  public final Operand src = operand();
  /** F32, one a row; or not given. */
  public final Operand rowScales = operand();
  /** S32, one a row; or not given. */
  public final Operand rowZeroPoints = operand();
  /** Rows of results. */
  public final Operand dst = operand();
  /** Elements from one row to the next. */
  public long srcStride;
  /** Elements from one row to the next. */
  public long dstStride;
  /** The number of rows. */
  public int rows;
  /** How the call is cut. */
  public final Grid grid;

  /**
   * For calls that are cut by a grid.
   *
   * @param grid the call's own
   */
  public RowCall(Grid grid) {
    this.grid = grid;
  }

  /**
   * Sets what the caller gave.
   *
   * @param source rows of elements
   * @param sourceBytes bytes of an element
   * @param sourceStride elements from one row to the next
   * @param scales one a row, or null
   * @param zeroPoints one a row, or null
   * @param results rows of elements
   * @param resultBytes bytes of an element
   * @param resultStride elements from one row to the next
   * @param count rows
   */
  public void set(MemorySegment source, int sourceBytes, long sourceStride, MemorySegment scales,
      MemorySegment zeroPoints, MemorySegment results, int resultBytes, long resultStride, int count) {
    src.set(source, sourceBytes);
    srcStride = sourceStride;
    rowScales.set(scales, Float.BYTES);
    rowZeroPoints.set(zeroPoints, Integer.BYTES);
    dst.set(results, resultBytes);
    dstStride = resultStride;
    rows = count;
  }
}
