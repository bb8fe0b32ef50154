package dev.octet.internal.vector.images;

import dev.octet.engine.TransposeKernel;
import dev.octet.internal.call.Cutting;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.call.TransposeCall;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Transposition by blocks of whole cache lines; a shuffle of lanes costs more than it saves in Java. */
public final class VectorTranspose extends TiledKernel<TransposeCall, VectorTranspose.Nothing>
    implements
      TransposeKernel {
  /** Bytes in a nanosecond, roughly. */
  private static final double RATE = 1;
  /** Rows and columns of a block. */
  private static final int BLOCK = 64;

  public VectorTranspose(Workers workers) {
    super(workers);
  }

  @Override
  protected TransposeCall newCall() {
    return new TransposeCall();
  }

  @Override
  protected Nothing newState() {
    return new Nothing();
  }

  @Override
  public String name() {
    return "vector:transpose";
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, long rows, long columns) {
    long bytes = batch * rows * columns;
    if (bytes == 0) {
      return;
    }
    TransposeCall call = begin();
    try {
      call.set(src, dst, batch, rows, columns);
      call.cut(Cutting.STREAM.elements(bytes, bytes / RATE, threads(call), Cutting.GRAIN));
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  @Override
  protected void tile(TransposeCall call, Nothing state, int number) {
    long base = call.matrix(number) * call.rows * call.columns;
    long endRow = call.firstRow(number) + call.rowsOf(number);
    long endColumn = call.firstColumn(number) + call.columnsOf(number);
    for (long row = call.firstRow(number); row < endRow; row += BLOCK) {
      for (long column = call.firstColumn(number); column < endColumn; column += BLOCK) {
        block(call.src.segment, call.src.first + base + row * call.columns + column, call.columns,
            call.dst.segment, call.dst.first + base + column * call.rows + row, call.rows,
            (int) Math.min(BLOCK, endRow - row), (int) Math.min(BLOCK, endColumn - column));
      }
    }
  }

  private static void block(MemorySegment src, long from, long srcRow, MemorySegment dst, long to,
      long dstRow,
      int rows, int columns) {
    for (int column = 0; column < columns; column++) {
      for (int row = 0; row < rows; row++) {
        dst.set(ValueLayout.JAVA_BYTE, to + column * dstRow + row,
            src.get(ValueLayout.JAVA_BYTE, from + row * srcRow + column));
      }
    }
  }

  /** A tile has nothing for itself. */
  static final class Nothing extends StatePool.State {}
}
