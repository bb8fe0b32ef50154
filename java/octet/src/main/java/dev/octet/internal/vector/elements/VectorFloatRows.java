package dev.octet.internal.vector.elements;

import dev.octet.engine.FloatLaw;
import dev.octet.internal.call.FloatRowsCall;
import dev.octet.internal.call.Operand;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.call.TiledKernel;
import dev.octet.internal.parallel.Workers;
import dev.octet.internal.vector.common.Form;
import dev.octet.internal.vector.loops.FunctionLoops;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Functions of rows of floats, in tiles of rows; loops are over arrays that hold a piece of a row. */
abstract class VectorFloatRows extends TiledKernel<FloatRowsCall, VectorFloatRows.State> {
  /** Floats of a piece. */
  static final int PIECE = FunctionLoops.LONGEST;
  /** Elements in a nanosecond, roughly. */
  private static final double RATE = Form.ELEMENTS_PER_NANO / 8;

  VectorFloatRows(Workers workers) {
    super(workers);
  }

  @Override
  protected FloatRowsCall newCall() {
    return new FloatRowsCall();
  }

  @Override
  protected State newState() {
    return new State();
  }

  /**
   * Does some rows.
   *
   * @param call of all rows
   * @param state of the running tile
   * @param loops its loops
   * @param first the first row
   * @param rows how many
   */
  abstract void rows(FloatRowsCall call, State state, FunctionLoops loops, long first, long rows);

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
    FloatRowsCall call = begin();
    try {
      call.set(src, other, isShared, dst, rows, columns);
      call.cut(columns / RATE, threads(call), rows);
      run(call, call.tiles());
    } finally {
      end(call);
    }
  }

  @Override
  protected final void tile(FloatRowsCall call, State state, int number) {
    rows(call, state, state.loops(), call.firstRow(number), call.rowsOf(number));
  }

  /** Copies floats of an operand to an array. */
  static void load(Operand operand, long at, float[] to, int count) {
    MemorySegment.copy(operand.segment, ValueLayout.JAVA_FLOAT_UNALIGNED, Float.BYTES * (operand.first + at),
        to, 0, count);
  }

  /** Copies floats of an array to a result. */
  static void store(float[] from, Operand operand, long at, int count) {
    MemorySegment.copy(from, 0, operand.segment, ValueLayout.JAVA_FLOAT_UNALIGNED,
        Float.BYTES * (operand.first + at), count);
  }

  /** What a running tile has for itself. */
  static final class State extends StatePool.State {
    /** A piece of a row. */
    final float[] x = new float[PIECE];
    /** A piece of what is added to it. */
    final float[] other = new float[PIECE];
    private final float[] sums = new float[FloatLaw.SUMS];
    private final FunctionLoops cold = Form.coldFunctions();

    FunctionLoops loops() {
      return Form.functions(cold);
    }

    /** Partial sums, all 0. */
    float[] newSums() {
      Arrays.fill(sums, 0);
      return sums;
    }
  }
}
