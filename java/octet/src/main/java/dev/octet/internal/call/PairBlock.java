package dev.octet.internal.call;

/**
 * Rows times columns of a {@link PairCall} with one stride from row to row. A tile is one block, unless it
 * reaches into several parts: {@link #begin} a tile, then go on to its blocks by {@link #next}.
 */
public final class PairBlock {
  /** The first element of the first operand. */
  public long left;
  /** The first element of the second operand. */
  public long right;
  /** The first element of the result. */
  public long dst;
  /** The number of rows. */
  public long rows;
  /** Elements of a row. */
  public long columns;

  private PairCall call;
  private long row;
  private long endRow;
  private long firstColumn;

  /** No block yet. */
  public PairBlock() {}

  /** Begins before the first block of a tile. */
  public void begin(PairCall owner, int tile) {
    call = owner;
    row = tile / owner.columnTiles * owner.rowsPerTile;
    endRow = Math.min(owner.allRows, row + owner.rowsPerTile);
    firstColumn = tile % owner.columnTiles * owner.columnsPerTile;
    columns = Math.min(owner.columnsPerTile, owner.columns - firstColumn);
  }

  /** Goes on to the next block; returns false behind the last one. */
  public boolean next() {
    if (row == endRow) {
      return false;
    }
    long part = row / call.rows;
    long within = row - part * call.rows;
    rows = Math.min(endRow - row, call.rows - within);
    left = within * call.leftRow + firstColumn * call.leftStep;
    right = within * call.rightRow + firstColumn * call.rightStep;
    dst = row * call.columns + firstColumn;
    if (call.layout != null) {
      left += call.layout.leftPart(part);
      right += call.layout.rightPart(part);
    }
    row += rows;
    return true;
  }

  /** Forgets the call. */
  public void clear() {
    call = null;
  }
}
