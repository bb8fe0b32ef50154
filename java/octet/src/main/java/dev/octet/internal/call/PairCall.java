package dev.octet.internal.call;

import dev.octet.engine.PairLayout;
import java.lang.foreign.MemorySegment;

/**
 * A call over two operands of one byte an element, of one shape or broadcast. It is cut into rows, or into
 * parts of long rows; see {@link PairBlock}.
 */
@SuppressWarnings("this-escape") // operand() calls nothing
public final class PairCall extends Call {
  /** The first operand. */
  public final Operand left = operand();
  /** The second operand. */
  public final Operand right = operand();
  /** The result. */
  public final Operand dst = operand();
  /** Elements of a row. */
  public long columns;
  /** Elements of the first operand from column to column, 0 or 1. */
  public int leftStep;
  /** Elements of the second operand from column to column, 0 or 1. */
  public int rightStep;
  /** Elements of the first operand from row to row within a part. */
  public long leftRow;
  /** Elements of the second operand from row to row within a part. */
  public long rightRow;

  /** Null where the operands have one shape. */
  PairLayout layout;
  /** Rows of a part, and of all parts. */
  long rows;
  long allRows;
  long rowsPerTile;
  long columnsPerTile;
  long columnTiles;

  /** Sets operands of one shape: one row. */
  public void set(MemorySegment first, MemorySegment second, MemorySegment result, long count) {
    segments(first, second, result);
    layout = null;
    columns = count;
    rows = 1;
    allRows = 1;
    leftStep = 1;
    rightStep = 1;
    leftRow = 0;
    rightRow = 0;
  }

  /** Sets operands that are broadcast. */
  public void set(MemorySegment first, MemorySegment second, MemorySegment result, PairLayout where) {
    segments(first, second, result);
    layout = where;
    columns = where.columns();
    rows = where.rows();
    allRows = where.parts() * rows;
    leftStep = where.leftStep();
    rightStep = where.rightStep();
    leftRow = where.leftRow();
    rightRow = where.rightRow();
  }

  private void segments(MemorySegment first, MemorySegment second, MemorySegment result) {
    left.set(first, 1);
    right.set(second, 1);
    dst.set(result, 1);
  }

  /**
   * Cuts the call.
   *
   * @param perTile elements of a tile, about
   */
  public void cut(long perTile) {
    // No more tiles than an int can count, however the rows fall.
    long elements = Math.max(perTile, (allRows * columns) >>> 29);
    columnsPerTile = Math.min(columns, elements);
    columnTiles = Math.ceilDiv(columns, columnsPerTile);
    rowsPerTile = columnTiles > 1 ? 1 : Math.min(allRows, elements / columns);
  }

  /** Returns the number of tiles. */
  public int tiles() {
    return (int) (Math.ceilDiv(allRows, rowsPerTile) * columnTiles);
  }

  /** Returns the elements of the first operand that a block reads, which lie without gaps. */
  public long leftElements(PairBlock block) {
    return elements(block, leftStep, leftRow);
  }

  /** Returns the elements of the second operand that a block reads, which lie without gaps. */
  public long rightElements(PairBlock block) {
    return elements(block, rightStep, rightRow);
  }

  /** A block of several rows has all their columns, and rows that do not repeat follow each other. */
  private static long elements(PairBlock block, int step, long row) {
    return (step == 0 ? 1 : block.columns) * (row == 0 ? 1 : block.rows);
  }

  @Override
  protected void clear() {
    super.clear();
    layout = null;
  }
}
