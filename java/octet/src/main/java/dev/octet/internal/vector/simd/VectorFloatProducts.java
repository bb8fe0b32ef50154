package dev.octet.internal.vector.simd;

import static dev.octet.internal.vector.loops.ProductLoops.STRIDE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of floats: a block of rows times a panel of two vectors of columns, whose sums are local
 * variables, each with one chain of fused multiply-adds.
 */
final class VectorFloatProducts {
  private static final VectorSpecies<Float> FLOATS = Species.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final int COLUMNS = 2 * LANES;

  private VectorFloatProducts() {}

  /** See {@link dev.octet.internal.vector.loops.ProductLoops#multiplyAdd}; at most block rows at a time. */
  static void multiplyAdd(float[] rows, int count, int block, float[] panel, int at, int depth,
      float[][] sums) {
    int row = 0;
    while (row < count) {
      int rest = count - row;
      if (rest > 4 && block == 8) {
        eight(rows, row * STRIDE, panel, at, depth, sums, row);
        row += 8;
      } else if (rest > 1) {
        four(rows, row * STRIDE, panel, at, depth, sums, row);
        row += 4;
      } else {
        one(rows, row * STRIDE, panel, at, depth, sums, row);
        row++;
      }
    }
  }

  private static void eight(float[] rows, int from, float[] panel, int at, int depth, float[][] sums,
      int row) {
    FloatVector a0 = FloatVector.fromArray(FLOATS, sums[row], 0);
    FloatVector b0 = FloatVector.fromArray(FLOATS, sums[row], LANES);
    FloatVector a1 = FloatVector.fromArray(FLOATS, sums[row + 1], 0);
    FloatVector b1 = FloatVector.fromArray(FLOATS, sums[row + 1], LANES);
    FloatVector a2 = FloatVector.fromArray(FLOATS, sums[row + 2], 0);
    FloatVector b2 = FloatVector.fromArray(FLOATS, sums[row + 2], LANES);
    FloatVector a3 = FloatVector.fromArray(FLOATS, sums[row + 3], 0);
    FloatVector b3 = FloatVector.fromArray(FLOATS, sums[row + 3], LANES);
    FloatVector a4 = FloatVector.fromArray(FLOATS, sums[row + 4], 0);
    FloatVector b4 = FloatVector.fromArray(FLOATS, sums[row + 4], LANES);
    FloatVector a5 = FloatVector.fromArray(FLOATS, sums[row + 5], 0);
    FloatVector b5 = FloatVector.fromArray(FLOATS, sums[row + 5], LANES);
    FloatVector a6 = FloatVector.fromArray(FLOATS, sums[row + 6], 0);
    FloatVector b6 = FloatVector.fromArray(FLOATS, sums[row + 6], LANES);
    FloatVector a7 = FloatVector.fromArray(FLOATS, sums[row + 7], 0);
    FloatVector b7 = FloatVector.fromArray(FLOATS, sums[row + 7], LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector low = FloatVector.fromArray(FLOATS, panel, at + k * COLUMNS);
      FloatVector high = FloatVector.fromArray(FLOATS, panel, at + k * COLUMNS + LANES);
      FloatVector x0 = FloatVector.broadcast(FLOATS, rows[from + k]);
      a0 = x0.fma(low, a0);
      b0 = x0.fma(high, b0);
      FloatVector x1 = FloatVector.broadcast(FLOATS, rows[from + k + STRIDE]);
      a1 = x1.fma(low, a1);
      b1 = x1.fma(high, b1);
      FloatVector x2 = FloatVector.broadcast(FLOATS, rows[from + k + 2 * STRIDE]);
      a2 = x2.fma(low, a2);
      b2 = x2.fma(high, b2);
      FloatVector x3 = FloatVector.broadcast(FLOATS, rows[from + k + 3 * STRIDE]);
      a3 = x3.fma(low, a3);
      b3 = x3.fma(high, b3);
      FloatVector x4 = FloatVector.broadcast(FLOATS, rows[from + k + 4 * STRIDE]);
      a4 = x4.fma(low, a4);
      b4 = x4.fma(high, b4);
      FloatVector x5 = FloatVector.broadcast(FLOATS, rows[from + k + 5 * STRIDE]);
      a5 = x5.fma(low, a5);
      b5 = x5.fma(high, b5);
      FloatVector x6 = FloatVector.broadcast(FLOATS, rows[from + k + 6 * STRIDE]);
      a6 = x6.fma(low, a6);
      b6 = x6.fma(high, b6);
      FloatVector x7 = FloatVector.broadcast(FLOATS, rows[from + k + 7 * STRIDE]);
      a7 = x7.fma(low, a7);
      b7 = x7.fma(high, b7);
    }
    a0.intoArray(sums[row], 0);
    b0.intoArray(sums[row], LANES);
    a1.intoArray(sums[row + 1], 0);
    b1.intoArray(sums[row + 1], LANES);
    a2.intoArray(sums[row + 2], 0);
    b2.intoArray(sums[row + 2], LANES);
    a3.intoArray(sums[row + 3], 0);
    b3.intoArray(sums[row + 3], LANES);
    a4.intoArray(sums[row + 4], 0);
    b4.intoArray(sums[row + 4], LANES);
    a5.intoArray(sums[row + 5], 0);
    b5.intoArray(sums[row + 5], LANES);
    a6.intoArray(sums[row + 6], 0);
    b6.intoArray(sums[row + 6], LANES);
    a7.intoArray(sums[row + 7], 0);
    b7.intoArray(sums[row + 7], LANES);
  }

  private static void four(float[] rows, int from, float[] panel, int at, int depth, float[][] sums,
      int row) {
    FloatVector a0 = FloatVector.fromArray(FLOATS, sums[row], 0);
    FloatVector b0 = FloatVector.fromArray(FLOATS, sums[row], LANES);
    FloatVector a1 = FloatVector.fromArray(FLOATS, sums[row + 1], 0);
    FloatVector b1 = FloatVector.fromArray(FLOATS, sums[row + 1], LANES);
    FloatVector a2 = FloatVector.fromArray(FLOATS, sums[row + 2], 0);
    FloatVector b2 = FloatVector.fromArray(FLOATS, sums[row + 2], LANES);
    FloatVector a3 = FloatVector.fromArray(FLOATS, sums[row + 3], 0);
    FloatVector b3 = FloatVector.fromArray(FLOATS, sums[row + 3], LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector low = FloatVector.fromArray(FLOATS, panel, at + k * COLUMNS);
      FloatVector high = FloatVector.fromArray(FLOATS, panel, at + k * COLUMNS + LANES);
      FloatVector x0 = FloatVector.broadcast(FLOATS, rows[from + k]);
      a0 = x0.fma(low, a0);
      b0 = x0.fma(high, b0);
      FloatVector x1 = FloatVector.broadcast(FLOATS, rows[from + k + STRIDE]);
      a1 = x1.fma(low, a1);
      b1 = x1.fma(high, b1);
      FloatVector x2 = FloatVector.broadcast(FLOATS, rows[from + k + 2 * STRIDE]);
      a2 = x2.fma(low, a2);
      b2 = x2.fma(high, b2);
      FloatVector x3 = FloatVector.broadcast(FLOATS, rows[from + k + 3 * STRIDE]);
      a3 = x3.fma(low, a3);
      b3 = x3.fma(high, b3);
    }
    a0.intoArray(sums[row], 0);
    b0.intoArray(sums[row], LANES);
    a1.intoArray(sums[row + 1], 0);
    b1.intoArray(sums[row + 1], LANES);
    a2.intoArray(sums[row + 2], 0);
    b2.intoArray(sums[row + 2], LANES);
    a3.intoArray(sums[row + 3], 0);
    b3.intoArray(sums[row + 3], LANES);
  }

  private static void one(float[] rows, int from, float[] panel, int at, int depth, float[][] sums,
      int row) {
    FloatVector a0 = FloatVector.fromArray(FLOATS, sums[row], 0);
    FloatVector b0 = FloatVector.fromArray(FLOATS, sums[row], LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector low = FloatVector.fromArray(FLOATS, panel, at + k * COLUMNS);
      FloatVector high = FloatVector.fromArray(FLOATS, panel, at + k * COLUMNS + LANES);
      FloatVector x0 = FloatVector.broadcast(FLOATS, rows[from + k]);
      a0 = x0.fma(low, a0);
      b0 = x0.fma(high, b0);
    }
    a0.intoArray(sums[row], 0);
    b0.intoArray(sums[row], LANES);
  }
}
