package dev.octet.internal.call;

import java.lang.foreign.MemorySegment;

/**
 * A call that transposes a batch of matrices of bytes; a tile is a part of the longer axis of one of them.
 */
public final class TransposeCall extends Call {
  /** Lines of a tile are a multiple of it, so that tiles share few cache lines. */
  private static final long GRAIN = 64;

  /** The matrices. */
  public final Operand src = operand();
  /** The results. */
  public final Operand dst = operand();
  /** Rows of a matrix, columns of its result. */
  public long rows;
  /** Columns of a matrix, rows of its result. */
  public long columns;

  private int batch;
  private long linesPerTile;
  private long tilesPerMatrix;

  /** Sets what the caller gave. */
  public void set(MemorySegment matrices, MemorySegment results, int count, long rowsOfEach,
      long columnsOfEach) {
    src.set(matrices, 1);
    dst.set(results, 1);
    batch = count;
    rows = rowsOfEach;
    columns = columnsOfEach;
  }

  /**
   * Cuts a call that is not empty.
   *
   * @param perTile bytes of a tile, about
   */
  public void cut(long perTile) {
    long lines = Math.max(rows, columns);
    long bytes = Math.max(perTile, (batch * rows * columns) >>> 29);
    long wanted = Math.ceilDiv(bytes / Math.min(rows, columns) + 1, GRAIN) * GRAIN;
    linesPerTile = Math.min(lines, wanted);
    tilesPerMatrix = Math.ceilDiv(lines, linesPerTile);
  }

  /** Returns the number of tiles. */
  public int tiles() {
    return Math.toIntExact(batch * tilesPerMatrix);
  }

  /** Returns the number of the matrix of a tile. */
  public long matrix(int tile) {
    return tile / tilesPerMatrix;
  }

  /** Returns the first row of a tile. */
  public long firstRow(int tile) {
    return rows >= columns ? tile % tilesPerMatrix * linesPerTile : 0;
  }

  /** Returns the number of rows of a tile. */
  public long rowsOf(int tile) {
    return rows >= columns ? Math.min(linesPerTile, rows - firstRow(tile)) : rows;
  }

  /** Returns the first column of a tile. */
  public long firstColumn(int tile) {
    return rows >= columns ? 0 : tile % tilesPerMatrix * linesPerTile;
  }

  /** Returns the number of columns of a tile. */
  public long columnsOf(int tile) {
    return rows >= columns ? columns : Math.min(linesPerTile, columns - firstColumn(tile));
  }
}
