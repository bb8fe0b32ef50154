package dev.octet.minilm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The float layers of the encoder against their definitions in double precision. */
class FloatRowsTest {
  private static final long SEED = 11;

  @Test
  void layerNormIsTheDefinition() {
    Random random = new Random(SEED);
    int n = MiniLm.FEATURES;
    float[] row = floats(random, n, 3, 0.7f);
    float[] weight = floats(random, n, 1, 1);
    float[] bias = floats(random, n, 1, 0);
    double mean = 0;
    for (float x : row) {
      mean += x / (double) n;
    }
    double variance = 0;
    for (float x : row) {
      variance += (x - mean) * (x - mean) / n;
    }
    float[] result = row.clone();
    FloatRows.layerNorm(result, weight, bias);
    for (int i = 0; i < n; i++) {
      assertEquals((row[i] - mean) / Math.sqrt(variance + 1e-12) * weight[i] + bias[i], result[i], 2e-5,
          "seed " + SEED + ", index " + i);
    }
  }

  @Test
  void geluIsTheDefinition() {
    int n = 2401;
    float[] row = new float[n];
    for (int i = 0; i < n; i++) {
      row[i] = (i - n / 2) / 100f;
    }
    float[] result = row.clone();
    FloatRows.gelu(result, n);
    for (int i = 0; i < n; i++) {
      assertEquals(0.5 * row[i] * (1 + erf(row[i] / Math.sqrt(2))), result[i], 3e-6, "x = " + row[i]);
    }
  }

  @Test
  void expIsTheDefinition() {
    int n = 2001;
    float[] row = new float[n];
    for (int i = 0; i < n; i++) {
      row[i] = -i / 100f;
    }
    float[] result = row.clone();
    FloatRows.exp(result, n);
    for (int i = 0; i < n; i++) {
      double expected = Math.exp(row[i]);
      assertTrue(Math.abs(result[i] / expected - 1) < 4e-5,
          "x = " + row[i] + ": " + result[i] + ", not " + expected);
    }
  }

  @Test
  void attentionIsTheDefinition() {
    for (int tokens : new int[]{1, 2, 3, 5, 8, 17, 128}) {
      Random random = new Random(SEED);
      int first = 2;
      float[] qkv = floats(random, (first + tokens) * 3 * MiniLm.FEATURES, 2, 0);
      float[] out = new float[(first + tokens) * MiniLm.FEATURES];
      new Attention(tokens).run(qkv, first, tokens, out);
      for (int head = 0; head < MiniLm.HEADS; head++) {
        for (int i = 0; i < tokens; i++) {
          double[] expected = attend(qkv, first, tokens, head, i);
          for (int d = 0; d < expected.length; d++) {
            assertEquals(expected[d], out[(first + i) * MiniLm.FEATURES + head * expected.length + d], 2e-4,
                "seed " + SEED + ", tokens " + tokens + ", head " + head + ", token " + i);
          }
        }
      }
    }
  }

  static double[] attend(float[] qkv, int first, int tokens, int head, int i) {
    int d = MiniLm.HEAD_FEATURES;
    int stride = 3 * MiniLm.FEATURES;
    double[] weights = new double[tokens];
    double sum = 0;
    for (int j = 0; j < tokens; j++) {
      double score = 0;
      for (int c = 0; c < d; c++) {
        score += (double) qkv[(first + i) * stride + head * d + c]
            * qkv[(first + j) * stride + MiniLm.FEATURES + head * d + c];
      }
      weights[j] = Math.exp(score / Math.sqrt(d));
      sum += weights[j];
    }
    double[] context = new double[d];
    for (int j = 0; j < tokens; j++) {
      for (int c = 0; c < d; c++) {
        context[c] += weights[j] / sum * qkv[(first + j) * stride + 2 * MiniLm.FEATURES + head * d + c];
      }
    }
    return context;
  }

  /** Maclaurin series of erf; converges everywhere, accurate to 1e-9 for |x| below 5 in double. */
  private static double erf(double x) {
    if (Math.abs(x) > 5) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }

  static float[] floats(Random random, int n, float scale, float shift) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian() * scale + shift;
    }
    return values;
  }
}
