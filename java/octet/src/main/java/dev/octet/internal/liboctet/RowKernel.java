package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.Grid;
import dev.octet.internal.call.RowCall;
import dev.octet.internal.call.Scratch;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.function.IntToLongFunction;

/**
 * Rows times fixed weights in C. A call that is over within microseconds is one downcall that takes heap
 * memory too, because the garbage collector can wait that long; a longer one on one thread is one downcall
 * over native memory; what several threads share, or what lies in heap arrays, goes tile by tile.
 *
 * <p>
 * All products with fixed weights have C functions of one shape, so this class knows none of them.
 */
abstract class RowKernel extends TiledKernel<RowCall, RowKernel.Tile> {
  /** A function over segments: plan, source, row scales, row zero points, result, tile, scratch. */
  static final FunctionDescriptor SEGMENTS = FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS,
      ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  /**
   * The same over addresses, and four pointers more than the C function has: the linker holds the scope of a
   * segment that it passes for the length of the call, and the C function reads no extra argument.
   */
  static final FunctionDescriptor ADDRESSES = FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG,
      JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS,
      ADDRESS, ADDRESS);

  private static final int MOST_QUICK_ROWS = 64;
  /** Fewer rows than this do not pay for reading the weights. */
  private static final int LEAST_ROWS = 24;

  private final ProductCost cost;
  private final int[] columns;
  private final int srcBytes;
  private final int dstBytes;
  private final IntToLongFunction scratchBytes;
  private final int quickRows;

  /**
   * Over packed weights.
   *
   * @param workers the threads that share a call
   * @param cost what a call will take
   * @param srcBytes of a source element
   * @param dstBytes of a result element
   * @param scratchBytes of a downcall, by its rows
   */
  RowKernel(Workers workers, ProductCost cost, int srcBytes, int dstBytes, IntToLongFunction scratchBytes) {
    this(workers, cost, new int[]{cost.n()}, srcBytes, dstBytes, scratchBytes);
  }

  /**
   * Over several packed weights.
   *
   * @param cost what a call will take, of all of them
   * @param columns of each
   */
  RowKernel(Workers workers, ProductCost cost, int[] columns, int srcBytes, int dstBytes,
      IntToLongFunction scratchBytes) {
    super(workers);
    this.cost = cost;
    this.columns = columns;
    this.srcBytes = srcBytes;
    this.dstBytes = dstBytes;
    this.scratchBytes = scratchBytes;
    this.quickRows = quickRows();
  }

  @Override
  protected RowCall newCall() {
    return new RowCall(new Grid(columns, ProductCost.PANEL, LEAST_ROWS, 1));
  }

  @Override
  protected Tile newState() {
    return new Tile();
  }

  /** One downcall without scratch that takes any memory. */
  abstract void quick(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows);

  /** One downcall over native memory. */
  abstract void whole(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows, long scratch);

  /** One downcall for one tile. */
  abstract void tile(Tile tile);

  /** The most rows of a call that is quick and needs no scratch. */
  private int quickRows() {
    int rows = 0;
    while (rows < MOST_QUICK_ROWS && cost.nanos(rows + 1) <= Cutting.QUICK_NANOS
        && scratchBytes.applyAsLong(rows + 1) == 0) {
      rows++;
    }
    return rows;
  }

  /** Multiplies; row scales and zero points may be null. */
  final void multiply(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows) {
    if (rows == 0) {
      return;
    }
    MemorySegment scales = rowScales == null ? MemorySegment.NULL : rowScales;
    MemorySegment zeroPoints = rowZeroPoints == null ? MemorySegment.NULL : rowZeroPoints;
    if (rows <= quickRows) {
      quick(src, srcStride, scales, zeroPoints, dst, dstStride, rows);
      return;
    }
    boolean copied = !(src.isNative() && dst.isNative() && scales.isNative() && zeroPoints.isNative());
    int wanted = Cutting.PRODUCT.tiles(cost.nanos(rows), threads());
    if (wanted == 1 && !copied) {
      Tile tile = take();
      try {
        whole(src, srcStride, scales, zeroPoints, dst, dstStride, rows,
            tile.memory.of(scratchBytes.applyAsLong(rows)));
      } finally {
        give(tile);
        Reference.reachabilityFence(src);
        Reference.reachabilityFence(dst);
        Reference.reachabilityFence(rowScales);
        Reference.reachabilityFence(rowZeroPoints);
      }
      return;
    }
    RowCall call = begin();
    try {
      call.set(src, srcBytes, srcStride, rowScales, rowZeroPoints, dst, dstBytes, dstStride, rows);
      call.grid.cut(rows, wanted, cost.weightBytes(), copied ? rowsCopied() : rows);
      run(call, call.grid.tiles());
    } finally {
      end(call);
    }
  }

  private int rowsCopied() {
    long row = (long) cost.k() * srcBytes + (long) cost.n() * dstBytes;
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, Cutting.COPIED_BYTES / row));
  }

  /** Scratch memory of a call with one thread over native memory. */
  final long scratchOf(long rows) {
    return rows <= quickRows ? 0 : scratchBytes.applyAsLong((int) Math.min(rows, Integer.MAX_VALUE));
  }

  @Override
  protected final void tile(RowCall call, Tile tile, int number) {
    int first = call.grid.firstRow(number);
    int rows = call.grid.rows(number);
    tile.rows = rows;
    tile.firstColumn = call.grid.firstColumn(number);
    tile.columns = call.grid.columns(number);
    tile.scratch = tile.memory.of(scratchBytes.applyAsLong(rows));
    long rowBytes = (long) cost.k() * srcBytes;
    long resultBytes = (long) tile.columns * dstBytes;
    Copies copies = tile.copies;
    copies.begin(call, rows * (rowBytes + resultBytes + 8));
    tile.rowScales = copies.in(call.rowScales, 4L * first, 4L * rows);
    tile.rowZeroPoints = copies.in(call.rowZeroPoints, 4L * first, 4L * rows);
    long srcAt = first * call.srcStride * srcBytes;
    if (call.src.isHeap()) {
      tile.src = copies.rowsIn(call.src, srcAt, call.srcStride * srcBytes, rowBytes, rows);
      tile.srcStride = cost.k();
    } else {
      tile.src = call.src.address + srcAt;
      tile.srcStride = call.srcStride;
    }
    long dstAt = first * call.dstStride * dstBytes;
    long column = (long) tile.firstColumn * dstBytes;
    long results = copies.out(call.dst, dstAt + column, rows * resultBytes);
    tile.dst = results - column;
    tile.dstStride = call.dst.isHeap() ? tile.columns : call.dstStride;
    tile.keepSrc = call.src.keep;
    tile.keepRowScales = call.rowScales.keep;
    tile.keepRowZeroPoints = call.rowZeroPoints.keep;
    tile.keepDst = call.dst.keep;
    tile(tile);
    copies.rowsBack(results, call.dst, dstAt + column, call.dstStride * dstBytes, resultBytes, rows);
  }

  /** The arguments of {@link #tile}, and what a running tile has for itself. */
  static final class Tile extends StatePool.State {
    long src;
    long srcStride;
    long rowScales;
    long rowZeroPoints;
    long dst;
    long dstStride;
    int rows;
    int firstColumn;
    int columns;
    long scratch;
    MemorySegment keepSrc = MemorySegment.NULL;
    MemorySegment keepRowScales = MemorySegment.NULL;
    MemorySegment keepRowZeroPoints = MemorySegment.NULL;
    MemorySegment keepDst = MemorySegment.NULL;
    private final Copies copies = new Copies();
    private final Scratch memory = new Scratch();

    @Override
    protected void clear() {
      keepSrc = MemorySegment.NULL;
      keepRowScales = MemorySegment.NULL;
      keepRowZeroPoints = MemorySegment.NULL;
      keepDst = MemorySegment.NULL;
    }

    @Override
    public void close() {
      copies.close();
      memory.close();
    }
  }
}
