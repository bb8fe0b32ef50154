package dev.octet.internal.vector.products;

import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.Grid;
import dev.octet.internal.call.RowCall;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.common.Scratch;
import dev.octet.internal.vector.common.VectorContext;
import java.lang.foreign.MemorySegment;

/** Rows times fixed weights: how a call is cut into tiles. What a tile does is the op's. */
abstract class RowProduct extends TiledKernel<RowCall, Scratch> {
  /** Fewer rows than this do not pay for reading the weights. */
  private static final int LEAST_ROWS = 12;
  private static final int ROW_GRAIN = 8;

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
    super(context.workers, context.scratch);
    this.panels = panels;
    this.k = k;
    this.n = n;
    this.srcBytes = srcBytes;
    this.dstBytes = dstBytes;
  }

  @Override
  protected RowCall newCall() {
    return new RowCall(new Grid(panels, 1, LEAST_ROWS, ROW_GRAIN));
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
  abstract void tile(RowCall call, Scratch scratch, int firstRow, int rows, int firstPanel, int endPanel);

  @Override
  protected final void tile(RowCall call, Scratch scratch, int number) {
    Grid grid = call.grid;
    tile(call, scratch, grid.firstRow(number), grid.rows(number), grid.firstPanel(number),
        grid.endPanel(number));
  }

  /** Multiplies; row scales and zero points may be null. */
  final void multiply(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows) {
    if (rows == 0) {
      return;
    }
    RowCall call = begin();
    try {
      call.set(src, srcBytes, srcStride, rowScales, rowZeroPoints, dst, dstBytes, dstStride, rows);
      double nanos = (double) rows * k * n / Form.MACS_PER_NANO;
      call.grid.cut(rows, Cutting.JAVA_PRODUCT.tiles(nanos, threads(call)), 0, Scratch.ROWS);
      run(call, call.grid.tiles());
    } finally {
      end(call);
    }
  }

  final int k() {
    return k;
  }

  final int n() {
    return n;
  }
}
