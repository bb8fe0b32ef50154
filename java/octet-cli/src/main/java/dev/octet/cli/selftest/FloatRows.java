package dev.octet.cli.selftest;

import static dev.octet.DataType.F32;

import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Rows of floats that are multiplied with a matrix, and where they and their results lie.
 *
 * @param m rows
 * @param k elements of a row
 * @param n results of a row
 * @param xStride from one row to the next
 * @param yStride from the results of one row to those of the next
 * @param x the elements, dense
 */
record FloatRows(int m, int k, int n, int xStride, int yStride, float[] x) {
  /** The run of an op. */
  @FunctionalInterface
  interface Run {
    void run(MemorySegment x, long xStride, MemorySegment y, long yStride, int rows);
  }

  /** Random elements and strides; one case of 24 has no rows. */
  static FloatRows random(Dice dice, int rows, int k, int n) {
    int m = dice.oneIn(24) ? 0 : rows;
    int xStride = k + (dice.oneIn(2) ? 0 : dice.between(1, 70));
    int yStride = n + (dice.oneIn(2) ? 0 : dice.between(1, 70));
    return new FloatRows(m, k, n, xStride, yStride, dice.reals(m, k));
  }

  List<Output> run(Run op, Memory memory) {
    MemorySegment rows = memory.rows(MemorySegment.ofArray(x), 4L * k, 4L * xStride);
    Output y = memory.result("y", F32, Shape.of(m, yStride));
    op.run(rows, xStride, y.data(), yStride, m);
    return List.of(y);
  }

  @Override
  public String toString() {
    return m + " x " + k + " x " + n + ", rows " + xStride + " and " + yStride + " apart";
  }
}
