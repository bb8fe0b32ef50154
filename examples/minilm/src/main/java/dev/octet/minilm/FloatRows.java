package dev.octet.minilm;

/**
 * Softmax, layer norm and GELU in plain Java, in loops that C2 turns into vector code: straight-line float
 * arithmetic over arrays, no calls, no branches, no reductions across lanes in the long loops.
 */
final class FloatRows {
  private static final float NORM_EPSILON = 1e-12f;

  private FloatRows() {}

  /**
   * Normalizes one row: {@code (x - mean) / sqrt(variance + 1e-12) * weight + bias}.
   *
   * @param row the values, replaced by the result
   */
  static void layerNorm(float[] row, float[] weight, float[] bias) {
    int n = weight.length;
    float mean = sum(row, n) / n;
    for (int i = 0; i < n; i++) {
      row[i] -= mean;
    }
    float scale = (float) (1 / Math.sqrt(sumOfSquares(row, n) / n + NORM_EPSILON));
    for (int i = 0; i < n; i++) {
      row[i] = row[i] * scale * weight[i] + bias[i];
    }
  }

  /** Eight partial sums: a float reduction in order is a chain of additions that no compiler may widen. */
  private static float sum(float[] row, int n) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    for (int i = 0; i < n; i += 8) {
      s0 += row[i];
      s1 += row[i + 1];
      s2 += row[i + 2];
      s3 += row[i + 3];
      s4 += row[i + 4];
      s5 += row[i + 5];
      s6 += row[i + 6];
      s7 += row[i + 7];
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }

  private static float sumOfSquares(float[] row, int n) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    for (int i = 0; i < n; i += 4) {
      s0 = Math.fma(row[i], row[i], s0);
      s1 = Math.fma(row[i + 1], row[i + 1], s1);
      s2 = Math.fma(row[i + 2], row[i + 2], s2);
      s3 = Math.fma(row[i + 3], row[i + 3], s3);
    }
    return (s0 + s1) + (s2 + s3);
  }

  /**
   * GELU with the exact erf: {@code x / 2 * (1 + erf(x / sqrt(2)))}. erf is the rational function of degree
   * 13 over 8 that Eigen publishes for float ({@code generic_fast_erf_float}), on arguments clamped to -4..4:
   * within 5e-7 of erf.
   */
  @SuppressWarnings("FloatingPointLiteralPrecision") // the coefficients as they are published
  static void gelu(float[] row, int n) {
    for (int i = 0; i < n; i++) {
      float x = row[i];
      float z = Math.min(4f, Math.max(-4f, x * 0.70710678f));
      float z2 = z * z;
      float p = -2.72614225801306e-10f;
      p = Math.fma(p, z2, 2.77068142495902e-08f);
      p = Math.fma(p, z2, -2.10102402082508e-06f);
      p = Math.fma(p, z2, -5.69250639462346e-05f);
      p = Math.fma(p, z2, -7.34990630326855e-04f);
      p = Math.fma(p, z2, -2.95459980854025e-03f);
      p = Math.fma(p, z2, -1.60960333262415e-02f);
      float q = -1.45660718464996e-05f;
      q = Math.fma(q, z2, -2.13374055278905e-04f);
      q = Math.fma(q, z2, -1.68282697438203e-03f);
      q = Math.fma(q, z2, -7.37332916720468e-03f);
      q = Math.fma(q, z2, -1.42647390514189e-02f);
      row[i] = 0.5f * x * (1f + z * p / q);
    }
  }

  /** {@link #exp(float)} of each, in place. */
  static void exp(float[] row, int n) {
    for (int i = 0; i < n; i++) {
      row[i] = exp(row[i]);
    }
  }

  /**
   * {@code e^x} for x of at most 0, as {@code (e^(x/256))^256}: a polynomial of degree 5 and eight squarings,
   * nothing but multiplications, so that loops around it stay in vector registers. Relative error below 4e-5
   * down to -20, where the result is 2e-9.
   */
  private static float exp(float x) {
    float r = Math.max(x, -87f) * (1f / 256);
    float e = Math.fma(r, 1f / 120, 1f / 24);
    e = Math.fma(e, r, 1f / 6);
    e = Math.fma(e, r, 0.5f);
    e = Math.fma(e, r, 1f);
    e = Math.fma(e, r, 1f);
    e *= e;
    e *= e;
    e *= e;
    e *= e;
    e *= e;
    e *= e;
    e *= e;
    return e * e;
  }
}
