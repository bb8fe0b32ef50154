package dev.octet.internal.vector.simd;

import static dev.octet.internal.vector.loops.ProductLoops.STRIDE;

import dev.octet.internal.vector.loops.GroupedRows;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of floats times a panel of weights in groups: as {@link VectorProducts} multiplies, and where a group
 * ends its sums are scaled and added to the results.
 *
 * <p>
 * One core with AVX-512 (Zen 4), 128 x 4,096 x 4,096, groups of 32, share of the same product with one scale
 * a column: bytes 0.76, with a call of each step for each group from outside 0.69; with sums that stay in
 * registers until they are scaled 0.38, since C2 then keeps vectors in memory.
 */
final class VectorGroupProducts {
  private static final VectorSpecies<Float> FLOATS = Species.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final int COLUMNS = 2 * LANES;

  private VectorGroupProducts() {}

  /**
   * See {@link dev.octet.internal.vector.loops.ProductLoops#multiplyGroups}; at most block rows at a time.
   */
  static void multiply(GroupedRows rows, int first, int count, int block, byte[] panel, int at, int depth,
      int size,
      float[] scales, int scale, float[] minimums, float[][] sums, float[] into, int to, int stride) {
    int row = 0;
    while (row < count) {
      int together = together(count - row, block);
      int rest = Math.min(together, count - row);
      int result = to + row * stride;
      for (int x = 0; x < depth; x += size) {
        int group = row * GroupedRows.GROUPS + (first + x) / rows.groupSize();
        int column = scale + x / size * COLUMNS;
        multiply(together, rows.values(), row * STRIDE + first + x, panel, at + x * COLUMNS,
            Math.min(size, depth - x), sums, row);
        scaled(sums, row, rest, rows.scales(), group, scales, column, into, result, stride);
        if (minimums != null) {
          minimums(rows.sums(), group, rest, minimums, column, into, result, stride);
        }
      }
      row += together;
    }
  }

  /** As {@link VectorProducts} takes them. */
  private static int together(int rest, int block) {
    return rest > 4 && block == 8 ? 8 : rest > 2 ? 4 : rest;
  }

  private static void multiply(int together, float[] values, int from, byte[] panel, int at, int depth,
      float[][] sums, int row) {
    switch (together) {
      case 8 -> VectorProducts.eight(values, from, panel, at, depth, sums, row);
      case 4 -> VectorProducts.four(values, from, panel, at, depth, sums, row);
      case 2 -> VectorProducts.two(values, from, panel, at, depth, sums, row);
      default -> VectorProducts.one(values, from, panel, at, depth, sums, row);
    }
  }

  private static void scaled(float[][] sums, int row, int count, float[] rowScales, int group, float[] scales,
      int column, float[] into, int to, int stride) {
    FloatVector low = FloatVector.fromArray(FLOATS, scales, column);
    FloatVector high = FloatVector.fromArray(FLOATS, scales, column + LANES);
    for (int r = 0; r < count; r++) {
      float scale = rowScales[group + r * GroupedRows.GROUPS];
      add(FloatVector.fromArray(FLOATS, sums[row + r], 0), low.mul(scale), into, to + r * stride);
      add(FloatVector.fromArray(FLOATS, sums[row + r], LANES), high.mul(scale), into,
          to + r * stride + LANES);
    }
  }

  private static void minimums(float[] sums, int group, int count, float[] minimums, int column, float[] into,
      int to, int stride) {
    FloatVector low = FloatVector.fromArray(FLOATS, minimums, column);
    FloatVector high = FloatVector.fromArray(FLOATS, minimums, column + LANES);
    for (int row = 0; row < count; row++) {
      add(FloatVector.broadcast(FLOATS, sums[group + row * GroupedRows.GROUPS]), low, into,
          to + row * stride);
      add(FloatVector.broadcast(FLOATS, sums[group + row * GroupedRows.GROUPS]), high, into,
          to + row * stride + LANES);
    }
  }

  private static void add(FloatVector sum, FloatVector factor, float[] into, int at) {
    sum.fma(factor, FloatVector.fromArray(FLOATS, into, at)).intoArray(into, at);
  }
}
