package dev.octet.internal.liboctet;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.octet.internal.ffm.NativeLibrary;
import dev.octet.internal.ffm.NativeMemory;
import dev.octet.internal.ffm.Resource;
import dev.octet.internal.ffm.StatePool;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.function.IntToLongFunction;

/**
 * Rows times fixed weights in C: how a call gets there. A call that is over within microseconds is one
 * downcall that takes heap memory too, because the garbage collector can wait that long; a longer one on one
 * thread is one downcall over native memory; what several threads share, or what lies in heap arrays, goes
 * tile by tile. A tile is some rows times some panels of columns; heap memory is copied for each.
 *
 * <p>
 * All products with fixed weights have C functions of one shape, so this class knows none of them.
 */
abstract class RowKernel implements Resource {
  /** A function over segments: plan, source, row scales, row zero points, result, tile, scratch. */
  static final FunctionDescriptor SEGMENTS = FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS,
      ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
  /**
   * The same over addresses, and four pointers more than the C function has: the linker holds the scope of a
   * segment that it passes for the length of the call, and nobody reads an argument too many.
   */
  static final FunctionDescriptor ADDRESSES = FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG,
      JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS,
      ADDRESS, ADDRESS);

  /** The longest call for which the garbage collector may have to wait. */
  private static final double QUICK_NANOS = 5_000;
  private static final int MOST_QUICK_ROWS = 64;
  /** Heap memory is copied in tiles of about so much. */
  private static final long COPIED_BYTES = 256 << 10;

  private final Workers workers;
  private final TileGrid.Cost cost;
  private final int k;
  private final int n;
  private final int srcBytes;
  private final int dstBytes;
  private final IntToLongFunction scratchBytes;
  private final int quickRows;
  private final StatePool<State> states = new StatePool<>(State::new);

  /**
   * Over packed weights.
   *
   * @param workers the threads that share a call
   * @param cost what a call will take
   * @param srcBytes of a source element
   * @param dstBytes of a result element
   * @param scratchBytes of a downcall, by its rows
   */
  RowKernel(Workers workers, TileGrid.Cost cost, int srcBytes, int dstBytes,
      IntToLongFunction scratchBytes) {
    this.workers = workers;
    this.cost = cost;
    this.k = cost.k();
    this.n = cost.n();
    this.srcBytes = srcBytes;
    this.dstBytes = dstBytes;
    this.scratchBytes = scratchBytes;
    this.quickRows = quickRows();
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
    while (rows < MOST_QUICK_ROWS && cost.nanos(rows + 1) <= QUICK_NANOS
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
    State state = states.take();
    try {
      TileGrid grid = state.grid;
      grid.cut(cost, rows, workers.threads(), copied ? rowsCopied() : rows);
      if (grid.tiles() == 1 && !copied) {
        whole(src, srcStride, scales, zeroPoints, dst, dstStride, rows, state.scratch(rows));
      } else {
        Call call = state.call;
        call.src.set(src, srcStride * srcBytes);
        call.rowScales.set(scales, 4);
        call.rowZeroPoints.set(zeroPoints, 4);
        call.dst.set(dst, dstStride * dstBytes);
        call.grid = grid;
        try {
          workers.run(grid.tiles(), call);
        } finally {
          call.clear();
        }
      }
    } finally {
      states.give(state);
      Reference.reachabilityFence(src);
      Reference.reachabilityFence(dst);
      Reference.reachabilityFence(rowScales);
      Reference.reachabilityFence(rowZeroPoints);
    }
  }

  private int rowsCopied() {
    long row = (long) k * srcBytes + (long) n * dstBytes;
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, COPIED_BYTES / row));
  }

  /** Scratch memory of a call with one thread over native memory. */
  final long scratchOf(long rows) {
    return rows <= quickRows ? 0 : scratchBytes.applyAsLong((int) Math.min(rows, Integer.MAX_VALUE));
  }

  @Override
  public void close() {
    states.close();
  }

  /** The arguments of {@link #tile}. */
  static final class Tile {
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

    private void clear() {
      keepSrc = MemorySegment.NULL;
      keepRowScales = MemorySegment.NULL;
      keepRowZeroPoints = MemorySegment.NULL;
      keepDst = MemorySegment.NULL;
    }
  }

  /** A running call. */
  private final class Call implements Workers.Tiles {
    private final Operand src = new Operand();
    private final Operand rowScales = new Operand();
    private final Operand rowZeroPoints = new Operand();
    private final Operand dst = new Operand();
    private TileGrid grid;

    @Override
    public void run(int number) {
      State state = states.take();
      try {
        state.run(this, grid, number);
      } finally {
        states.give(state);
      }
    }

    void clear() {
      src.clear();
      rowScales.clear();
      rowZeroPoints.clear();
      dst.clear();
      grid = null;
    }
  }

  /** What one running call, or one running tile, has for itself. */
  private final class State extends StatePool.State {
    private final TileGrid grid = new TileGrid();
    private final Call call = new Call();
    private final Tile tile = new Tile();
    private NativeMemory scratch;
    private NativeMemory copies;

    long scratch(int rows) {
      long bytes = scratchBytes.applyAsLong(rows);
      if (bytes == 0) {
        return 0;
      }
      scratch = NativeMemory.grown(scratch, bytes);
      return scratch.address();
    }

    void run(Call call, TileGrid grid, int number) {
      int first = grid.firstRow(number);
      int rows = grid.rows(number);
      tile.rows = rows;
      tile.firstColumn = grid.firstColumn(number);
      tile.columns = grid.columns(number);
      tile.scratch = scratch(rows);
      long rowBytes = (long) k * srcBytes;
      long resultBytes = (long) tile.columns * dstBytes;
      boolean copied = call.src.isHeap() || call.dst.isHeap() || call.rowScales.isHeap()
          || call.rowZeroPoints.isHeap();
      long copiedSrc = 0;
      long copiedDst = 0;
      if (copied) {
        copies = NativeMemory.grown(copies, rows * (rowBytes + resultBytes + 8));
        copiedDst = copies.address();
        copiedSrc = copiedDst + rows * resultBytes;
      }
      try {
        if (call.src.isHeap()) {
          copyRows(call.src.segment, first * call.src.stride, call.src.stride, NativeLibrary.memory(),
              copiedSrc, rowBytes, rowBytes, rows);
          tile.src = copiedSrc;
          tile.srcStride = k;
        } else {
          tile.src = call.src.address + first * call.src.stride;
          tile.srcStride = call.src.stride / srcBytes;
          tile.keepSrc = call.src.keep;
        }
        tile.rowScales = parameters(call.rowScales, first, copiedSrc + rows * rowBytes);
        tile.keepRowScales = call.rowScales.keep;
        tile.rowZeroPoints = parameters(call.rowZeroPoints, first, copiedSrc + rows * (rowBytes + 4));
        tile.keepRowZeroPoints = call.rowZeroPoints.keep;
        if (call.dst.isHeap()) {
          tile.dst = copiedDst - (long) tile.firstColumn * dstBytes;
          tile.dstStride = tile.columns;
        } else {
          tile.dst = call.dst.address + first * call.dst.stride;
          tile.dstStride = call.dst.stride / dstBytes;
          tile.keepDst = call.dst.keep;
        }
        RowKernel.this.tile(tile);
        if (call.dst.isHeap()) {
          copyRows(NativeLibrary.memory(), copiedDst, resultBytes, call.dst.segment,
              first * call.dst.stride + (long) tile.firstColumn * dstBytes, call.dst.stride, resultBytes,
              rows);
        }
      } finally {
        tile.clear();
      }
    }

    /** Row scales or zero points: their address, or that of a copy; 0 where there are none. */
    private long parameters(Operand operand, int first, long copy) {
      if (operand.isHeap()) {
        MemorySegment.copy(operand.segment, 4L * first, NativeLibrary.memory(), copy, 4L * tile.rows);
        return copy;
      }
      return operand.address == 0 ? 0 : operand.address + 4L * first;
    }

    private static void copyRows(MemorySegment src, long from, long srcStride, MemorySegment dst, long to,
        long dstStride, long bytes, int rows) {
      for (int row = 0; row < rows; row++) {
        MemorySegment.copy(src, from + row * srcStride, dst, to + row * dstStride, bytes);
      }
    }

    @Override
    public void close() {
      if (scratch != null) {
        scratch.close();
      }
      if (copies != null) {
        copies.close();
      }
    }
  }
}
