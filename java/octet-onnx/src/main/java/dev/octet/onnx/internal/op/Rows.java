package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Known;
import java.util.Arrays;

/**
 * How two tensors are read while one that they are broadcast to is written: row by row, each row of the
 * result dense, a row of an operand dense or one element. Axes that follow each other in all three are taken
 * as one.
 */
final class Rows {
  /** What is done with a row. */
  @FunctionalInterface
  interface Body {
    /**
     * Computes a row, or a part of one.
     *
     * @param a the first element of the first operand
     * @param b that of the second
     * @param y that of the result
     * @param count how many
     */
    void row(long a, long b, long y, int count);
  }

  /** Longer rows are cut, so that arrays of a row stay in a first cache. */
  static final int LONGEST = 2048;

  private final long[] dims;
  private final long[] ofA;
  private final long[] ofB;

  /**
   * Plans.
   *
   * @param a the shape of the first operand
   * @param b that of the second
   * @param y the shape that they are broadcast to
   */
  Rows(Known a, Known b, Known y) {
    long[] shape = y.dims();
    long[] stepsA = Strided.broadcast(a.dims(), shape);
    long[] stepsB = Strided.broadcast(b.dims(), shape);
    int rank = 0;
    long[] dims0 = new long[shape.length + 1];
    long[] a0 = new long[shape.length + 1];
    long[] b0 = new long[shape.length + 1];
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] == 1) {
        continue;
      }
      if (rank > 0 && a0[rank - 1] == stepsA[axis] * shape[axis]
          && b0[rank - 1] == stepsB[axis] * shape[axis]) {
        dims0[rank - 1] *= shape[axis];
        rank--;
      } else {
        dims0[rank] = shape[axis];
      }
      a0[rank] = stepsA[axis];
      b0[rank++] = stepsB[axis];
    }
    if (rank == 0) {
      dims0[rank++] = 1;
    }
    this.dims = Arrays.copyOf(dims0, rank);
    this.ofA = Arrays.copyOf(a0, rank);
    this.ofB = Arrays.copyOf(b0, rank);
  }

  /** Whether all elements of a row of the first operand are one. */
  boolean isOneA() {
    return ofA[dims.length - 1] == 0;
  }

  /** Whether all elements of a row of the second operand are one. */
  boolean isOneB() {
    return ofB[dims.length - 1] == 0;
  }

  /** Goes through all rows. */
  void forEach(Body body) {
    walk(0, 0, 0, 0, body);
  }

  private long walk(int axis, long a, long b, long y, Body body) {
    long count = dims[axis];
    if (axis == dims.length - 1) {
      for (long from = 0; from < count; from += LONGEST) {
        body.row(a + from * ofA[axis], b + from * ofB[axis], y + from, (int) Math.min(LONGEST, count - from));
      }
      return y + count;
    }
    long next = y;
    for (long i = 0; i < count; i++) {
      next = walk(axis + 1, a + i * ofA[axis], b + i * ofB[axis], next, body);
    }
    return next;
  }
}
