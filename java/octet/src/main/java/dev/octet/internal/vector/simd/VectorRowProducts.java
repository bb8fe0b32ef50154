package dev.octet.internal.vector.simd;

import dev.octet.internal.vector.loops.GroupedPanel;
import dev.octet.internal.vector.loops.ProductLoops;
import dev.octet.internal.vector.loops.QuantizedRow;
import java.util.Objects;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * A row of integers times a panel of weights in groups, in lanes of 16 bits, as many as the panel has
 * columns: two of {@link VectorProducts} would do as much in lanes of 32. What 16 bits hold: two products of
 * bytes, 2 * 128 * 127 = 32,512, and 16 products with nibbles, 16 * 15 * 127 = 30,480. Then they are added to
 * sums of 32 bits.
 *
 * <p>
 * What C2 keeps in registers, seen with JDK 25. Loops have no branches for rests or for what is not there, so
 * panels and rows end with zeros, and sums of groups go through an array: with a branch it took three times
 * as long. The loops of bytes and those of nibbles are of more than 325 bytes of code each (FreqInlineSize),
 * so that they are compiled alone: in one method they have more nodes than it inlines. All other methods are
 * of at most 35 bytes, see {@link Lanes}, or called once for some groups.
 *
 * <p>
 * One core with AVX-512 (Zen 4), 4,096 x 4,096: nibbles 68 GOPS, bytes 42 to 50, which read 21 to 25 GB/s; by
 * floats, one group after the other, 21 and 25.
 */
final class VectorRowProducts {
  private static final VectorSpecies<Float> FLOATS = Species.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class, FLOATS.vectorShape());
  private static final VectorSpecies<Byte> ROW = VectorSpecies.of(byte.class,
      VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));
  private static final int LANES = FLOATS.length();
  private static final int COLUMNS = 2 * LANES;
  /** Products with nibbles that 16 bits add up. */
  private static final int STEPS = GroupedPanel.DEPTH;
  /** Groups whose sums are made, then scaled: they stay in the first cache. */
  private static final int TOGETHER = ProductLoops.ROW_SUMS / COLUMNS;

  private VectorRowProducts() {}

  /** See {@link dev.octet.internal.vector.loops.ProductLoops#multiplyRow}. */
  static void multiply(QuantizedRow row, GroupedPanel panel, int k, int[] sums, float[] results, int at) {
    FloatVector.zero(FLOATS).intoArray(results, at);
    FloatVector.zero(FLOATS).intoArray(results, at + LANES);
    int groups = Math.ceilDiv(k, panel.groupSize());
    for (int first = 0; first < groups; first += TOGETHER) {
      int end = Math.min(groups, first + TOGETHER);
      if (panel.zeroPoints() == null) {
        bytes(row.values(), panel.weights(), panel.groupSize(), first, end, k, sums);
      } else {
        nibbles(row, panel, first, end, k, sums);
      }
      if (panel.minimums() == null) {
        scale(row, panel, first, end, sums, results, at);
      } else {
        scaleAndAddMinimums(row, panel, first, end, sums, results, at);
      }
    }
  }

  private static void bytes(short[] x, byte[] weights, int size, int first, int last, int k, int[] sums) {
    int depth = GroupedPanel.depth(Math.min(k, last * size));
    Objects.checkFromToIndex(first * size, depth, x.length);
    Objects.checkFromToIndex(first * size * COLUMNS, depth * COLUMNS, weights.length);
    Objects.checkFromIndexSize(0, (last - first) * COLUMNS, sums.length);
    for (int group = first; group < last; group++) {
      IntVector low = IntVector.zero(INTS);
      IntVector high = IntVector.zero(INTS);
      int end = Math.min(k, (group + 1) * size);
      for (int i = group * size; i < end; i += 4) {
        ShortVector product0 = ((ShortVector) ByteVector.fromArray(ROW, weights, i * COLUMNS)
            .convertShape(VectorOperators.B2S, SHORTS, 0)).mul(x[i]);
        ShortVector product1 = ((ShortVector) ByteVector.fromArray(ROW, weights, (i + 1) * COLUMNS)
            .convertShape(VectorOperators.B2S, SHORTS, 0)).mul(x[i + 1]);
        ShortVector pair0 = product0.add(product1);
        low = low.add(low(pair0));
        high = high.add(high(pair0));
        ShortVector product2 = ((ShortVector) ByteVector.fromArray(ROW, weights, (i + 2) * COLUMNS)
            .convertShape(VectorOperators.B2S, SHORTS, 0)).mul(x[i + 2]);
        ShortVector product3 = ((ShortVector) ByteVector.fromArray(ROW, weights, (i + 3) * COLUMNS)
            .convertShape(VectorOperators.B2S, SHORTS, 0)).mul(x[i + 3]);
        ShortVector pair1 = product2.add(product3);
        low = low.add(low(pair1));
        high = high.add(high(pair1));
      }
      low.intoArray(sums, (group - first) * COLUMNS);
      high.intoArray(sums, (group - first) * COLUMNS + LANES);
    }
  }

  /** Groups are those of the row. */
  private static void nibbles(QuantizedRow row, GroupedPanel panel, int first, int last, int k, int[] sums) {
    short[] x = row.values();
    byte[] weights = panel.weights();
    int size = panel.groupSize();
    int depth = GroupedPanel.depth(Math.min(k, last * size));
    Objects.checkFromToIndex(first * size, depth, x.length);
    Objects.checkFromToIndex(first * size / 2 * COLUMNS, depth / 2 * COLUMNS, weights.length);
    Objects.checkFromToIndex(first, last, row.sums().length);
    Objects.checkFromIndexSize(0, (last - first) * COLUMNS, sums.length);
    for (int group = first; group < last; group++) {
      ShortVector zeroPoints = unsigned(panel.zeroPoints(), group * COLUMNS);
      IntVector low = low(zeroPoints).mul(-row.sums()[group]);
      IntVector high = high(zeroPoints).mul(-row.sums()[group]);
      int end = Math.min(k, (group + 1) * size);
      for (int step = group * size; step < end; step += STEPS) {
        ShortVector lower = ShortVector.zero(SHORTS);
        ShortVector upper = ShortVector.zero(SHORTS);
        for (int i = 0; i < STEPS; i += 2) {
          ShortVector pair = unsigned(weights, (step + i) / 2 * COLUMNS);
          lower = lower.add(lower(pair).mul(x[step + i]));
          upper = upper.add(upper(pair).mul(x[step + i + 1]));
        }
        ShortVector both = lower.add(upper);
        low = low.add(low(both));
        high = high.add(high(both));
      }
      low.intoArray(sums, (group - first) * COLUMNS);
      high.intoArray(sums, (group - first) * COLUMNS + LANES);
    }
  }

  private static void scale(QuantizedRow row, GroupedPanel panel, int first, int end, int[] sums,
      float[] results, int at) {
    FloatVector low = FloatVector.fromArray(FLOATS, results, at);
    FloatVector high = FloatVector.fromArray(FLOATS, results, at + LANES);
    for (int group = first; group < end; group++) {
      float scale = row.scales()[group * panel.groupSize() / row.groupSize()];
      int from = (group - first) * COLUMNS;
      low = added(sums, from, scale, panel.scales(), group * COLUMNS, low);
      high = added(sums, from + LANES, scale, panel.scales(), group * COLUMNS + LANES, high);
    }
    low.intoArray(results, at);
    high.intoArray(results, at + LANES);
  }

  private static void scaleAndAddMinimums(QuantizedRow row, GroupedPanel panel, int first, int end,
      int[] sums,
      float[] results, int at) {
    FloatVector low = FloatVector.fromArray(FLOATS, results, at);
    FloatVector high = FloatVector.fromArray(FLOATS, results, at + LANES);
    for (int group = first; group < end; group++) {
      int rowGroup = group * panel.groupSize() / row.groupSize();
      float scale = row.scales()[rowGroup];
      float scaledSum = row.scaledSums()[rowGroup];
      int from = (group - first) * COLUMNS;
      int column = group * COLUMNS;
      low = added(scaledSum, panel.minimums(), column, added(sums, from, scale, panel.scales(), column, low));
      high = added(scaledSum, panel.minimums(), column + LANES,
          added(sums, from + LANES, scale, panel.scales(), column + LANES, high));
    }
    low.intoArray(results, at);
    high.intoArray(results, at + LANES);
  }

  private static ShortVector unsigned(byte[] bytes, int at) {
    return (ShortVector) ByteVector.fromArray(ROW, bytes, at)
        .convertShape(VectorOperators.ZERO_EXTEND_B2S, SHORTS, 0);
  }

  private static ShortVector lower(ShortVector both) {
    return both.and((short) 15);
  }

  private static ShortVector upper(ShortVector both) {
    return both.lanewise(VectorOperators.LSHR, 4);
  }

  private static IntVector low(ShortVector lanes) {
    return (IntVector) lanes.convertShape(VectorOperators.S2I, INTS, 0);
  }

  private static IntVector high(ShortVector lanes) {
    return (IntVector) lanes.convertShape(VectorOperators.S2I, INTS, 1);
  }

  private static FloatVector added(int[] sums, int from, float rowScale, float[] scales, int at,
      FloatVector to) {
    return Lanes.floats(IntVector.fromArray(INTS, sums, from))
        .fma(FloatVector.fromArray(FLOATS, scales, at).mul(rowScale), to);
  }

  private static FloatVector added(float sum, float[] minimums, int at, FloatVector to) {
    return FloatVector.fromArray(FLOATS, minimums, at).fma(FloatVector.broadcast(FLOATS, sum), to);
  }
}
