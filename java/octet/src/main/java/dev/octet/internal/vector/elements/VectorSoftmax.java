package dev.octet.internal.vector.elements;

import dev.octet.engine.FloatLaw;
import dev.octet.engine.SoftmaxKernel;
import dev.octet.internal.call.FloatRowsCall;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.loops.FunctionLoops;
import java.lang.foreign.MemorySegment;

/** Softmax: the largest, the exponentials with their sum, the quotients. */
public final class VectorSoftmax extends VectorFloatRows implements SoftmaxKernel {
  private final float scale;

  public VectorSoftmax(Workers workers, float scale) {
    super(workers);
    this.scale = scale;
  }

  @Override
  public String name() {
    return Form.name("softmax_f32");
  }

  @Override
  public void run(MemorySegment src, MemorySegment mask, MemorySegment dst, long rows, int columns) {
    rows(src, mask, true, dst, rows, columns);
  }

  @Override
  void rows(FloatRowsCall call, State state, FunctionLoops loops, long first, long rows) {
    for (long row = first; row < first + rows; row++) {
      row(call, state, loops, row * call.columns);
    }
  }

  private void row(FloatRowsCall call, State state, FunctionLoops loops, long at) {
    boolean once = call.columns <= PIECE;
    float[] x = state.x;
    float most = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < call.columns; i += PIECE) {
      int count = scores(call, state, loops, at, i);
      most = Math.max(most, loops.largest(x, count));
    }
    float[] sums = state.newSums();
    for (int i = 0; i < call.columns; i += PIECE) {
      int count = once ? call.columns : scores(call, state, loops, at, i);
      loops.exponentials(x, most, count);
      loops.sums(x, sums, count);
      if (!once) {
        store(x, call.dst, at + i, count);
      }
    }
    float factor = 1 / FloatLaw.total(sums);
    for (int i = 0; i < call.columns; i += PIECE) {
      int count = Math.min(PIECE, call.columns - i);
      if (!once) {
        load(call.dst, at + i, x, count);
      }
      loops.multiply(x, factor, count);
      store(x, call.dst, at + i, count);
    }
  }

  /** Loads a piece of a row of scores; returns its length. */
  private int scores(FloatRowsCall call, State state, FunctionLoops loops, long at, int column) {
    int count = Math.min(PIECE, call.columns - column);
    load(call.src, at + column, state.x, count);
    if (scale != 1) {
      loops.multiply(state.x, scale, count);
    }
    if (call.other.isGiven()) {
      load(call.other, column, state.other, count);
      loops.add(state.x, state.other, count);
    }
    return count;
  }
}
