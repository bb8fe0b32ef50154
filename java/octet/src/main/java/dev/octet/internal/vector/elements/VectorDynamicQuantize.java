package dev.octet.internal.vector.elements;

import dev.octet.engine.DynamicQuantizeKernel;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.loops.Span;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * F32 rows to U8 rows. A row is looked through and quantized while it is in a cache; rows that are longer
 * than any are cut among the threads, one pass after the other.
 */
public final class VectorDynamicQuantize implements DynamicQuantizeKernel {
  /** Longer rows are cut: a quarter of L2. */
  private static final long LONG_ROW = 64 << 10;

  /** Where a row may be cut. */
  private static final long GRAIN = 1024;

  private final Rows rows;
  private final Ranges ranges;
  private final Values values;
  private final StatePool<RowParameters> parameters = new StatePool<>(RowParameters::new);

  public VectorDynamicQuantize(Workers workers) {
    this.rows = new Rows(workers);
    this.ranges = new Ranges(workers);
    this.values = new Values(workers);
  }

  @Override
  public String name() {
    return Form.name("dynamic_quantize_u8");
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, MemorySegment scales, MemorySegment zeroPoints,
      int count, long columns) {
    RowParameters row = parameters.take();
    try {
      if (columns > LONG_ROW) {
        for (int i = 0; i < count; i++) {
          row.begin(1, columns);
          ranges.stream(src, null, i * columns, columns, row, GRAIN);
          row.set(0, row.range());
          values.stream(src, dst, i * columns, columns, row, GRAIN);
          store(row, 1, scales, zeroPoints, i);
        }
      } else {
        row.begin(count, columns);
        for (int i = 0; columns == 0 && i < count; i++) {
          row.set(i, 0);
        }
        rows.stream(src, dst, 0, count * columns, row, Math.max(1, columns));
        store(row, count, scales, zeroPoints, 0);
      }
    } finally {
      parameters.give(row);
    }
  }

  private static void store(RowParameters row, int count, MemorySegment scales, MemorySegment zeroPoints,
      int first) {
    for (int i = 0; i < count; i++) {
      scales.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * (first + i), row.scales[i]);
      zeroPoints.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * (first + i), row.zeroPoints[i]);
    }
  }

  @Override
  public void close() {
    rows.close();
    ranges.close();
    values.close();
  }

  /** Whole rows. */
  private static final class Rows extends Pass {
    Rows(Workers workers) {
      super(workers, Byte.SIZE);
    }

    @Override
    void work(State state, Call call, long first) {
      Span span = state.span;
      int columns = (int) call.rows.columns;
      int count = span.count / columns;
      int row = (int) (first / columns);
      span.count = columns;
      for (int i = 0; i < count; i++) {
        call.rows.set(row + i, state.loops.now().range(span));
        quantize(state, call, row + i);
        span.leftAt += 4L * columns;
        span.dstAt += columns;
      }
    }
  }

  /** The range of a part of a row. */
  private static final class Ranges extends Pass {
    Ranges(Workers workers) {
      super(workers, 0);
    }

    @Override
    void work(State state, Call call, long first) {
      call.rows.widen(state.loops.now().range(state.span));
    }
  }

  /** The values of a part of a row. */
  private static final class Values extends Pass {
    Values(Workers workers) {
      super(workers, Byte.SIZE);
    }

    @Override
    void work(State state, Call call, long first) {
      quantize(state, call, 0);
    }
  }

  /** One pass over floats. */
  private abstract static class Pass extends ElementKernel {
    Pass(Workers workers, int dstBits) {
      super(workers, Float.SIZE, dstBits);
    }

    static void quantize(State state, Call call, int row) {
      state.loops.now().quantize(state.span, call.rows.scales[row], call.rows.target(row));
    }
  }
}
