package dev.octet.internal.vector;

import dev.octet.internal.ffm.StatePool;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Rows times fixed weights: how a call is cut into tiles of some rows times some panels of columns, and how
 * tiles get to threads. What a tile does is the op's.
 */
abstract class RowProduct {
  /** Multiplications, for about 5 us: shorter calls stay on one thread, and no tile is shorter than half. */
  private static final double ALONE = 500_000;
  private static final int TILES_A_THREAD = 4;
  /** Fewer rows than this do not pay for reading the weights. */
  private static final int LEAST_ROWS = 16;
  private static final int ROW_GRAIN = 8;

  private final VectorContext context;
  private final StatePool<Call> calls = new StatePool<>(Call::new);
  private final int k;
  private final int n;
  private final int panels;
  private final int srcBytes;
  private final int dstBytes;

  /**
   * Over packed weights.
   *
   * @param context threads and arrays
   * @param k source elements of a row
   * @param n result elements of a row
   * @param panels of the weights
   * @param srcBytes of a source element
   * @param dstBytes of a result element
   */
  RowProduct(VectorContext context, int k, int n, int panels, int srcBytes, int dstBytes) {
    this.context = context;
    this.k = k;
    this.n = n;
    this.panels = panels;
    this.srcBytes = srcBytes;
    this.dstBytes = dstBytes;
  }

  /**
   * Does a tile.
   *
   * @param call the arguments
   * @param scratch the tile's own
   * @param firstRow of the call
   * @param rows at most {@link Scratch#ROWS}
   * @param firstPanel of the weights
   * @param endPanel one behind the last
   */
  abstract void tile(Call call, Scratch scratch, int firstRow, int rows, int firstPanel, int endPanel);

  /** A running call. */
  final class Call extends StatePool.State implements Workers.Tiles {
    final Lent src = new Lent();
    final Lent rowScales = new Lent();
    final Lent rowZeroPoints = new Lent();
    final Lent dst = new Lent();
    long srcStride;
    long dstStride;
    private int rowCount;
    private int rowsPerTile;
    private int rowTiles;
    private int columnTiles;

    private void cut(int rows, int threads) {
      rowCount = rows;
      rowsPerTile = Scratch.ROWS;
      columnTiles = 1;
      double work = (double) rows * k * n;
      if (threads > 1 && work >= ALONE) {
        int wanted = (int) Math.min(TILES_A_THREAD * threads, work / (ALONE / 2));
        int byRows = Math.min(wanted, Math.ceilDiv(rows, LEAST_ROWS));
        rowsPerTile = Math.min(Scratch.ROWS,
            Math.ceilDiv(Math.ceilDiv(rows, byRows), ROW_GRAIN) * ROW_GRAIN);
        columnTiles = Math.min(panels, Math.ceilDiv(wanted, Math.ceilDiv(rows, rowsPerTile)));
      }
      rowTiles = Math.ceilDiv(rows, rowsPerTile);
    }

    @Override
    public void run(int number) {
      Scratch scratch = context.scratch.take();
      try {
        run(number, scratch);
      } finally {
        context.scratch.give(scratch);
      }
    }

    private void run(int number, Scratch scratch) {
      int first = number % rowTiles * rowsPerTile;
      int column = number / rowTiles;
      try {
        tile(this, scratch, first, Math.min(rowsPerTile, rowCount - first), panel(column), panel(column + 1));
      } finally {
        scratch.staging.clear();
      }
    }

    private int panel(int columnTile) {
      return (int) ((long) panels * columnTile / columnTiles);
    }

    private void runAll() {
      Scratch scratch = context.scratch.take();
      try {
        for (int number = 0; number < rowTiles * columnTiles; number++) {
          run(number, scratch);
        }
      } finally {
        context.scratch.give(scratch);
      }
    }

    @Override
    public void close() {
      src.clear();
      rowScales.clear();
      rowZeroPoints.clear();
      dst.clear();
    }
  }

  /** Multiplies; row scales and zero points may be null. */
  final void multiply(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows) {
    if (rows == 0) {
      return;
    }
    Call call = calls.take();
    try {
      boolean shareable = Lent.isShareable(src) && Lent.isShareable(rowScales)
          && Lent.isShareable(rowZeroPoints) && Lent.isShareable(dst);
      call.cut(rows, shareable ? context.workers.threads() : 1);
      int tiles = call.rowTiles * call.columnTiles;
      boolean shared = tiles > 1 && shareable && context.workers.threads() > 1;
      call.src.set(src, srcBytes, shared);
      call.rowScales.set(rowScales, 4, shared);
      call.rowZeroPoints.set(rowZeroPoints, 4, shared);
      call.dst.set(dst, dstBytes, shared);
      call.srcStride = srcStride;
      call.dstStride = dstStride;
      if (shared) {
        context.workers.run(tiles, call);
      } else {
        call.runAll();
      }
    } finally {
      call.close();
      calls.give(call);
      Reference.reachabilityFence(src);
      Reference.reachabilityFence(rowScales);
      Reference.reachabilityFence(rowZeroPoints);
      Reference.reachabilityFence(dst);
    }
  }

  final int k() {
    return k;
  }

  final int n() {
    return n;
  }
}
