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

  /** See {@link dev.octet.internal.vector.loops.ProductLoops#multiplyGroups}. */
  static void multiply(GroupedRows rows, int first, int count, byte[] panel, int at, int depth, int size,
      float[] scales, int scale, float[] minimums, float[][] sums, float[] into, int to, int stride) {
    int row = 0;
    while (row < count) {
      int together = VectorProducts.together(count - row);
      int rest = Math.min(together, count - row);
      int result = to + row * stride;
      for (int x = 0; x < depth; x += size) {
        int group = row * GroupedRows.GROUPS + (first + x) / rows.groupSize();
        int column = scale + x / size * COLUMNS;
        VectorProducts.multiplyTogether(together, rows.values(), row * STRIDE + first + x, panel,
            at + x * COLUMNS, Math.min(size, depth - x), sums, row);
        VectorProducts.addScaledFrom(row, sums, rest, rows.scales(), group, GroupedRows.GROUPS, scales,
            column,
            into, result, stride);
        if (minimums != null) {
          addMinimums(rows.sums(), group, rest, minimums, column, into, result, stride);
        }
      }
      row += together;
    }
  }

  private static void addMinimums(float[] sums, int group, int count, float[] minimums, int column,
      float[] into,
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
