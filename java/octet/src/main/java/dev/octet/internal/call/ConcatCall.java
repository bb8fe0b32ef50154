package dev.octet.internal.call;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A call that lays tensors side by side. The result is rows, and a row is a row of each input, one after the
 * other. A tile is some rows, or where rows are long a part of one.
 */
public final class ConcatCall extends Call {
  /** The inputs. */
  public final Operand[] inputs;
  /** The result. */
  public final Operand dst = operand();
  /** Bytes of a row of each input. */
  public long[] lengths;
  /** Bytes of a row of the result. */
  public long length;
  /** The number of rows. */
  public long rows;

  private long rowsPerTile;
  private long columnsPerTile;
  private long columnTiles;

  /**
   * For a number of inputs.
   *
   * @param count of them
   */
  public ConcatCall(int count) {
    inputs = new Operand[count];
    for (int i = 0; i < count; i++) {
      inputs[i] = operand();
    }
  }

  /**
   * Sets what the caller gave.
   *
   * @param given the inputs
   * @param lengthsOfInputs bytes of a row of each
   * @param result takes the rows
   * @param count the number of rows
   */
  public void set(List<MemorySegment> given, long[] lengthsOfInputs, MemorySegment result, long count) {
    length = 0;
    for (int i = 0; i < inputs.length; i++) {
      inputs[i].set(given.get(i), 1);
      length += lengthsOfInputs[i];
    }
    lengths = lengthsOfInputs;
    dst.set(result, 1);
    rows = count;
  }

  /**
   * Cuts a call whose result is not empty.
   *
   * @param perTile bytes of a tile, about
   */
  public void cut(long perTile) {
    // No more tiles than an int can count, however the rows fall.
    long bytes = Math.max(perTile, (rows * length) >>> 29);
    columnsPerTile = Math.min(length, bytes);
    columnTiles = Math.ceilDiv(length, columnsPerTile);
    rowsPerTile = columnTiles > 1 ? 1 : Math.min(rows, bytes / length);
  }

  /** Returns the number of tiles. */
  public int tiles() {
    return (int) (Math.ceilDiv(rows, rowsPerTile) * columnTiles);
  }

  /** Returns the first row of a tile. */
  public long firstRow(int tile) {
    return tile / columnTiles * rowsPerTile;
  }

  /** Returns the row behind the last one of a tile. */
  public long endRow(int tile) {
    return Math.min(rows, firstRow(tile) + rowsPerTile);
  }

  /** Returns the first column of a tile: 0 where it has several rows. */
  public long firstColumn(int tile) {
    return tile % columnTiles * columnsPerTile;
  }

  /** Returns the column behind the last one of a tile: that of the row where it has several rows. */
  public long endColumn(int tile) {
    return Math.min(length, firstColumn(tile) + columnsPerTile);
  }

  @Override
  protected void clear() {
    super.clear();
    lengths = null;
  }
}
