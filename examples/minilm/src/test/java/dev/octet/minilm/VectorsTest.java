package dev.octet.minilm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class VectorsTest {
  @Test
  void poolsToLengthOne() {
    float[] rows = new float[3 * MiniLm.FEATURES];
    rows[MiniLm.FEATURES] = 2;
    rows[2 * MiniLm.FEATURES] = 4;
    rows[2 * MiniLm.FEATURES + 1] = 8;
    float[] unit = Vectors.pool(rows, 1, 2);
    assertEquals(6 / Math.sqrt(100), unit[0], 1e-7);
    assertEquals(8 / Math.sqrt(100), unit[1], 1e-7);
  }

  @Test
  void cosineOfKnownAngles() {
    assertEquals(0, Vectors.cosine(new float[]{1, 0}, new float[]{0, 3}), 1e-12);
    assertEquals(Math.sqrt(0.5), Vectors.cosine(new float[]{2, 0}, new float[]{5, 5}), 1e-12);
    assertArrayEquals(new double[]{0, -1, 0},
        Vectors.similarities(new float[][]{{1, 0}, {0, 1}, {-1, 0}}), 1e-12);
  }

  @Test
  void spearmanLooksAtRanksAlone() {
    double[] a = {0.1, 0.2, 0.3, 0.9};
    assertEquals(1, Vectors.spearman(a, new double[]{1, 10, 100, 1000}), 1e-12);
    assertEquals(-1, Vectors.spearman(a, new double[]{4, 3, 2, 1}), 1e-12);
    // ranks 0 1 2 3 against 0 2 1 3: 1 - 6 * (0 + 1 + 1 + 0) / (4 * 15) = 0.8
    assertEquals(0.8, Vectors.spearman(a, new double[]{1, 3, 2, 4}), 1e-12);
    // ties share the mean rank: 0 1.5 1.5 3
    assertEquals(4.5 / Math.sqrt(5 * 4.5), Vectors.spearman(a, new double[]{1, 2, 2, 4}), 1e-12);
  }
}
