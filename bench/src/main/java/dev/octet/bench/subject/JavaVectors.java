package dev.octet.bench.subject;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Baselines with the Vector API; loaded only where it is there. */
final class JavaVectors {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class,
      VectorShape.forBitSize(INTS.vectorBitSize() / 2));
  private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class,
      VectorShape.forBitSize(Math.max(64, INTS.vectorBitSize() / 4)));
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();
  private static final int COLUMNS = 2 * LANES;
  private static final int ROWS = 8;

  private JavaVectors() {}

  /** Bytes widened to shorts, multiplied, widened to ints, added: two widenings a product. */
  static int dot(byte[] x, int from, byte[] column, boolean unsigned) {
    IntVector sums = IntVector.zero(INTS);
    int step = INTS.length();
    // A vector of bytes may be wider than the step, where a quarter of a register is no vector.
    int end = column.length - BYTES.length();
    int i = 0;
    for (; i <= end; i += step) {
      ShortVector left = (ShortVector) ByteVector.fromArray(BYTES, x, from + i)
          .convertShape(unsigned ? VectorOperators.ZERO_EXTEND_B2S : VectorOperators.B2S, SHORTS, 0);
      ShortVector right = (ShortVector) ByteVector.fromArray(BYTES, column, i).convertShape(
          VectorOperators.B2S,
          SHORTS, 0);
      sums = sums.add(left.mul(right).convertShape(VectorOperators.S2I, INTS, 0));
    }
    int sum = sums.reduceLanes(VectorOperators.ADD);
    for (; i < column.length; i++) {
      sum += (unsigned ? x[from + i] & 0xff : x[from + i]) * column[i];
    }
    return sum;
  }

  /** A product of floats: 8 rows times two vectors of columns, all sums in registers, weights packed. */
  static final class Product {
    private final int m;
    private final int k;
    private final int n;
    private final float[][] panels;
    private final float[] rows;
    private final float[] tile = new float[ROWS * COLUMNS];

    /** Packs {@code [k][n]} weights. */
    Product(float[] weights, int m, int k, int n) {
      this.m = m;
      this.k = k;
      this.n = n;
      this.panels = new float[Math.ceilDiv(n, COLUMNS)][k * COLUMNS];
      for (int i = 0; i < weights.length; i++) {
        int column = i % n;
        panels[column / COLUMNS][i / n * COLUMNS + column % COLUMNS] = weights[i];
      }
      this.rows = new float[Math.ceilDiv(m, ROWS) * ROWS * k];
    }

    void run(float[] x, float[] y) {
      System.arraycopy(x, 0, rows, 0, m * k);
      Arrays.fill(rows, m * k, rows.length, 0);
      for (int panel = 0; panel < panels.length; panel++) {
        int column = panel * COLUMNS;
        for (int row = 0; row < m; row += ROWS) {
          multiply(rows, row * k, panels[panel], k, tile);
          for (int r = row; r < Math.min(m, row + ROWS); r++) {
            System.arraycopy(tile, (r - row) * COLUMNS, y, r * n + column, Math.min(COLUMNS, n - column));
          }
        }
      }
    }

    private static void multiply(float[] rows, int from, float[] panel, int k, float[] tile) {
      FloatVector a0 = FloatVector.zero(FLOATS);
      FloatVector b0 = FloatVector.zero(FLOATS);
      FloatVector a1 = FloatVector.zero(FLOATS);
      FloatVector b1 = FloatVector.zero(FLOATS);
      FloatVector a2 = FloatVector.zero(FLOATS);
      FloatVector b2 = FloatVector.zero(FLOATS);
      FloatVector a3 = FloatVector.zero(FLOATS);
      FloatVector b3 = FloatVector.zero(FLOATS);
      FloatVector a4 = FloatVector.zero(FLOATS);
      FloatVector b4 = FloatVector.zero(FLOATS);
      FloatVector a5 = FloatVector.zero(FLOATS);
      FloatVector b5 = FloatVector.zero(FLOATS);
      FloatVector a6 = FloatVector.zero(FLOATS);
      FloatVector b6 = FloatVector.zero(FLOATS);
      FloatVector a7 = FloatVector.zero(FLOATS);
      FloatVector b7 = FloatVector.zero(FLOATS);
      for (int i = 0; i < k; i++) {
        FloatVector low = FloatVector.fromArray(FLOATS, panel, i * COLUMNS);
        FloatVector high = FloatVector.fromArray(FLOATS, panel, i * COLUMNS + LANES);
        FloatVector x0 = FloatVector.broadcast(FLOATS, rows[from + i]);
        a0 = x0.fma(low, a0);
        b0 = x0.fma(high, b0);
        FloatVector x1 = FloatVector.broadcast(FLOATS, rows[from + i + k]);
        a1 = x1.fma(low, a1);
        b1 = x1.fma(high, b1);
        FloatVector x2 = FloatVector.broadcast(FLOATS, rows[from + i + 2 * k]);
        a2 = x2.fma(low, a2);
        b2 = x2.fma(high, b2);
        FloatVector x3 = FloatVector.broadcast(FLOATS, rows[from + i + 3 * k]);
        a3 = x3.fma(low, a3);
        b3 = x3.fma(high, b3);
        FloatVector x4 = FloatVector.broadcast(FLOATS, rows[from + i + 4 * k]);
        a4 = x4.fma(low, a4);
        b4 = x4.fma(high, b4);
        FloatVector x5 = FloatVector.broadcast(FLOATS, rows[from + i + 5 * k]);
        a5 = x5.fma(low, a5);
        b5 = x5.fma(high, b5);
        FloatVector x6 = FloatVector.broadcast(FLOATS, rows[from + i + 6 * k]);
        a6 = x6.fma(low, a6);
        b6 = x6.fma(high, b6);
        FloatVector x7 = FloatVector.broadcast(FLOATS, rows[from + i + 7 * k]);
        a7 = x7.fma(low, a7);
        b7 = x7.fma(high, b7);
      }
      a0.intoArray(tile, 0);
      b0.intoArray(tile, LANES);
      a1.intoArray(tile, COLUMNS);
      b1.intoArray(tile, COLUMNS + LANES);
      a2.intoArray(tile, 2 * COLUMNS);
      b2.intoArray(tile, 2 * COLUMNS + LANES);
      a3.intoArray(tile, 3 * COLUMNS);
      b3.intoArray(tile, 3 * COLUMNS + LANES);
      a4.intoArray(tile, 4 * COLUMNS);
      b4.intoArray(tile, 4 * COLUMNS + LANES);
      a5.intoArray(tile, 5 * COLUMNS);
      b5.intoArray(tile, 5 * COLUMNS + LANES);
      a6.intoArray(tile, 6 * COLUMNS);
      b6.intoArray(tile, 6 * COLUMNS + LANES);
      a7.intoArray(tile, 7 * COLUMNS);
      b7.intoArray(tile, 7 * COLUMNS + LANES);
    }
  }
}
