package dev.octet.internal.vector.elements;

import dev.octet.engine.FloatLaw;
import dev.octet.engine.LayerNormKernel;
import dev.octet.engine.LayerNormSpec;
import dev.octet.internal.call.FloatRowsCall;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.loops.FunctionLoops;
import java.lang.foreign.MemorySegment;

/** Layer norm: the sum, the sum of squares, the result. */
public final class VectorLayerNorm extends VectorFloatRows implements LayerNormKernel {
  private final LayerNormSpec spec;

  public VectorLayerNorm(Workers workers, LayerNormSpec spec) {
    super(workers);
    this.spec = spec;
  }

  @Override
  public String name() {
    return Form.name("layer_norm_f32");
  }

  @Override
  public long packedBytes() {
    return 2L * Float.BYTES * spec.columns();
  }

  @Override
  public void run(MemorySegment src, MemorySegment residual, MemorySegment dst, long rows) {
    rows(src, residual, false, dst, rows, spec.columns());
  }

  @Override
  void rows(FloatRowsCall call, State state, FunctionLoops loops, long first, long rows) {
    for (long row = first; row < first + rows; row++) {
      row(call, state, loops, row * call.columns);
    }
  }

  private void row(FloatRowsCall call, State state, FunctionLoops loops, long at) {
    int columns = call.columns;
    boolean once = columns <= PIECE;
    float[] x = state.x;
    float[] sums = state.newSums();
    for (int i = 0; i < columns; i += PIECE) {
      loops.sums(x, sums, operands(call, state, loops, at, i));
    }
    float mean = FloatLaw.total(sums) / columns;
    float[] squares = state.newSums();
    for (int i = 0; i < columns; i += PIECE) {
      loops.squares(x, mean, squares, once ? columns : operands(call, state, loops, at, i));
    }
    float factor = FloatLaw.normFactor(FloatLaw.total(squares), columns, spec.epsilon());
    for (int i = 0; i < columns; i += PIECE) {
      int count = Math.min(PIECE, columns - i);
      if (!once) {
        operands(call, state, loops, at, i);
        loops.squares(x, mean, squares, count);
      }
      loops.normalize(x, factor, spec.weights(), spec.bias(), i, count);
      store(x, call.dst, at + i, count);
    }
  }

  /** Loads a piece of a row; returns its length. */
  private static int operands(FloatRowsCall call, State state, FunctionLoops loops, long at, int column) {
    int count = Math.min(PIECE, call.columns - column);
    load(call.src, at + column, state.x, count);
    if (call.other.isGiven()) {
      load(call.other, at + column, state.other, count);
      loops.add(state.x, state.other, count);
    }
    return count;
  }
}
