package dev.octet.cli.selftest;

import static dev.octet.DataType.F32;

import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.IntToDoubleFunction;

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

  /**
   * Whether a result of weightOnlyMatMul is right: within {@code K * 2^-23 * sum(|x| * magnitude)} of the
   * exact sum, and half a unit in the last place for the bias; between rows, whether it is as it was.
   *
   * @param weight weight i of the result's column
   * @param magnitude what its error is measured by
   */
  boolean isWithinBound(Output expected, Output actual, long index, Bias bias, Clamp clamp,
      IntToDoubleFunction weight, IntToDoubleFunction magnitude) {
    int row = (int) (index / yStride);
    int column = (int) (index % yStride);
    if (column >= n || expected.same(actual, index)) {
      return expected.same(actual, index);
    }
    double sum = 0;
    double bound = 0;
    for (int i = 0; i < k; i++) {
      double value = x[row * k + i];
      sum += value * weight.applyAsDouble(i);
      bound += k * 0x1p-23 * Math.abs(value) * magnitude.applyAsDouble(i);
    }
    if (bias.floats() != null) {
      sum += bias.floats()[column];
      bound += (Math.abs(sum) + bound) * 0x1p-24;
    }
    double right = clamp == null ? sum : clamp.of(sum);
    // Denormals have no relative precision: each operation may lose half of the smallest one.
    return Math.abs(actual.real(index) - right) <= bound + k * (double) Float.MIN_VALUE;
  }

  @Override
  public String toString() {
    return m + " x " + k + " x " + n + ", rows " + xStride + " and " + yStride + " apart";
  }
}
