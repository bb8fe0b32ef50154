package dev.octet.internal.liboctet;

import dev.octet.Isa;
import dev.octet.engine.BackendContext;
import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.FloatRowsCall;
import dev.octet.internal.call.TiledKernel;
import java.lang.foreign.MemorySegment;

/** Functions of rows of floats in C: a call goes in one downcall, or in tiles of rows. */
abstract class NativeFloatRows extends TiledKernel<FloatRowsCall, Copies> {
  private final double elementsPerNano;
  private final double rowNanos;

  /**
   * Over rows.
   *
   * @param context whose threads share a call
   * @param vectors elements in a nanosecond with vectors, roughly
   * @param rowNanos what a row costs beside its elements
   */
  NativeFloatRows(BackendContext context, double vectors, double rowNanos) {
    super(context.workers());
    this.elementsPerNano = switch (context.isa()) {
      // Fused multiply-adds in software.
      case BASELINE -> vectors / 100;
      // Portable C with an instruction for them; not measured.
      case NEON, DOTPROD, I8MM -> vectors / 10;
      case AVX2, AVXVNNI, AVX512, AVX512VNNI -> vectors;
    };
    this.rowNanos = rowNanos;
  }

  @Override
  protected FloatRowsCall newCall() {
    return new FloatRowsCall();
  }

  @Override
  protected Copies newState() {
    return new Copies();
  }

  /** One downcall that takes any memory, over within microseconds; of the addend there may be none, NULL. */
  abstract void quick(MemorySegment src, MemorySegment other, MemorySegment dst, long rows, int columns);

  /** One downcall for one tile; an address of 0 is no addend. */
  abstract void tile(FloatRowsCall call, long src, long other, long dst, long rows);

  /**
   * Works on rows.
   *
   * @param src the operand
   * @param other what is added, or null
   * @param isShared whether that is one row
   * @param dst the result
   * @param rows how many
   * @param columns floats of a row
   */
  final void rows(MemorySegment src, MemorySegment other, boolean isShared, MemorySegment dst, long rows,
      int columns) {
    if (rows == 0 || columns == 0) {
      return;
    }
    double nanos = columns / elementsPerNano + rowNanos;
    if (rows * nanos <= Cutting.QUICK_NANOS) {
      quick(src, other == null ? MemorySegment.NULL : other, dst, rows, columns);
      return;
    }
    FloatRowsCall call = begin();
    try {
      call.set(src, other, isShared, dst, rows, columns);
      call.cut(nanos, threads(call),
          call.hasHeap() ? Math.max(1, Cutting.COPIED_BYTES / (2L * Float.BYTES * columns)) : rows);
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  @Override
  protected final void tile(FloatRowsCall call, Copies copies, int number) {
    long rows = call.rowsOf(number);
    long row = (long) Float.BYTES * call.columns;
    long at = call.firstRow(number) * row;
    long bytes = rows * row;
    copies.begin(call, 3 * bytes);
    long src = copies.in(call.src, at, bytes);
    long other = copies.in(call.other, call.isShared ? 0 : at, call.isShared ? row : bytes);
    long dst = copies.out(call.dst, at, bytes);
    tile(call, src, other, dst, rows);
    copies.back(dst, call.dst, at, bytes);
  }
}
