package dev.octet.internal.liboctet;

import dev.octet.engine.BackendContext;
import dev.octet.engine.TransposeKernel;
import dev.octet.internal.call.Copies;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.call.TransposeCall;
import java.lang.foreign.MemorySegment;

/** Transposition in C: tiles are parts of the longer axis of a matrix. */
final class NativeTranspose extends TiledKernel<TransposeCall, Copies>
    implements
      TransposeKernel {
  private final int kernel;
  private final String name;
  private final double rate;

  NativeTranspose(BackendContext context) {
    super(context.workers());
    this.kernel = TransposeFunctions.kernel(Names.tier(context.isa()));
    this.name = Names.of(kernel);
    this.rate = Names.isPortable(kernel) ? 1 : 5;
  }

  @Override
  protected TransposeCall newCall() {
    return new TransposeCall();
  }

  @Override
  protected Copies newState() {
    return new Copies();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, long rows, long columns) {
    long bytes = batch * rows * columns;
    if (bytes == 0) {
      return;
    }
    double nanos = bytes / rate;
    if (batch == 1 && nanos <= Cutting.QUICK_NANOS) {
      TransposeFunctions.quick(kernel, src, dst, rows, columns);
      return;
    }
    TransposeCall call = begin();
    try {
      call.set(src, dst, batch, rows, columns);
      long perTile = Cutting.STREAM.elements(bytes, nanos, threads(call), Cutting.GRAIN);
      call.cut(call.hasHeap() ? Math.min(perTile, Cutting.COPIED_BYTES / 2) : perTile);
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  @Override
  protected void tile(TransposeCall call, Copies copies, int number) {
    long base = call.matrix(number) * call.rows * call.columns;
    long rows = call.rowsOf(number);
    long columns = call.columnsOf(number);
    long from = base + call.firstRow(number) * call.columns + call.firstColumn(number);
    long to = base + call.firstColumn(number) * call.rows + call.firstRow(number);
    copies.begin(call, 2 * rows * columns);
    // Copies are dense.
    long src = call.src.isHeap()
        ? copies.rowsIn(call.src, from, call.columns, columns, (int) rows)
        : call.src.address + from;
    long dst = copies.out(call.dst, to, rows * columns);
    TransposeFunctions.tile(kernel, src, call.src.isHeap() ? columns : call.columns, dst,
        call.dst.isHeap() ? rows : call.rows, rows, columns, call);
    copies.rowsBack(dst, call.dst, to, call.rows, rows, (int) columns);
  }
}
