package dev.octet.onnx.internal.op;

import java.lang.foreign.MemorySegment;

/**
 * Functions of floats in loops that C2 turns into vector code: straight-line arithmetic over arrays, no
 * calls, no branches, no reduction across lanes.
 */
final class FloatFunctions {
  private static final float LOG2_E = 1.442695f;
  /** ln 2 in two parts: the product of the first with a small integer is exact. */
  private static final float LN2_HIGH = 355f / 512;
  private static final float LN2_LOW = -2.1219444e-4f;
  /** Below it {@code e^x} is no normal number any more. */
  private static final float LOWEST = -87f;

  private FloatFunctions() {}

  /**
   * The error function: the rational function of degree 13 over 8 that Eigen publishes for float
   * ({@code generic_fast_erf_float}), on arguments clamped to -4..4. Within 5e-7 of erf.
   */
  @SuppressWarnings("FloatingPointLiteralPrecision") // the coefficients as they are published
  static void erf(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      float z = Math.min(4f, Math.max(-4f, x[i]));
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
      y[i] = z * p / q;
    }
  }

  /**
   * {@code y = e^(x - max)} of numbers up to max: {@code 2^k * e^r} with r within half of ln 2, of which a
   * Taylor polynomial of degree 7 is within 2 units of the last place. Below -87 as at -87, where it is no
   * subnormal yet; NaN stays NaN.
   *
   * <p>
   * The powers of 2 are made of their bits, which C2 turns into floats in vectors only as a copy of memory (a
   * third of the time of {@link Float#intBitsToFloat} in the loop).
   *
   * @param x replaced by the powers
   * @param powers takes their bits
   */
  static void expBelow(float[] x, float max, float[] y, int[] powers, int n) {
    for (int i = 0; i < n; i++) {
      float d = Math.max(x[i] - max, LOWEST);
      int whole = (int) (d * LOG2_E - 0.5f);
      float k = whole;
      float r = Math.fma(-k, LN2_LOW, Math.fma(-k, LN2_HIGH, d));
      float e = Math.fma(r, 1f / 5040, 1f / 720);
      e = Math.fma(e, r, 1f / 120);
      e = Math.fma(e, r, 1f / 24);
      e = Math.fma(e, r, 1f / 6);
      e = Math.fma(e, r, 0.5f);
      e = Math.fma(e, r, 1f);
      e = Math.fma(e, r, 1f);
      y[i] = e;
      powers[i] = (whole + 127) << 23;
    }
    MemorySegment.copy(MemorySegment.ofArray(powers), 0, MemorySegment.ofArray(x), 0, 4L * n);
    multiply(x, y, n);
  }

  private static void multiply(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] *= x[i];
    }
  }

  /** The largest; NaN where there is one. */
  static float max(float[] x, int n) {
    float m0 = Float.NEGATIVE_INFINITY;
    float m1 = m0;
    float m2 = m0;
    float m3 = m0;
    int i = 0;
    for (; i + 3 < n; i += 4) {
      m0 = Math.max(m0, x[i]);
      m1 = Math.max(m1, x[i + 1]);
      m2 = Math.max(m2, x[i + 2]);
      m3 = Math.max(m3, x[i + 3]);
    }
    for (; i < n; i++) {
      m0 = Math.max(m0, x[i]);
    }
    return Math.max(Math.max(m0, m1), Math.max(m2, m3));
  }

  /** Eight partial sums: a float reduction in order is a chain of additions that no compiler may widen. */
  static float sum(float[] x, int n) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = 0;
    for (; i + 7 < n; i += 8) {
      s0 += x[i];
      s1 += x[i + 1];
      s2 += x[i + 2];
      s3 += x[i + 3];
      s4 += x[i + 4];
      s5 += x[i + 5];
      s6 += x[i + 6];
      s7 += x[i + 7];
    }
    for (; i < n; i++) {
      s0 += x[i];
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }

  /** {@code y += x}. */
  static void add(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] += x[i];
    }
  }

  /** {@code y = max(x, y)}. */
  static void max(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = Math.max(x[i], y[i]);
    }
  }

  /** {@code y = min(x, y)}. */
  static void min(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = Math.min(x[i], y[i]);
    }
  }

  /** {@code y = x * scale + shift}, two roundings. */
  static void scale(float[] x, float scale, float shift, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = x[i] * scale + shift;
    }
  }

  /** {@code y = x - shift}. */
  static void subtract(float[] x, float shift, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = x[i] - shift;
    }
  }

  /** {@code y = x * x}. */
  static void square(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = x[i] * x[i];
    }
  }

  /** {@code y = x / divisor}. */
  static void divide(float[] x, float divisor, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = x[i] / divisor;
    }
  }
}
