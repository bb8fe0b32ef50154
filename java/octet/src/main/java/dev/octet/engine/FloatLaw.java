package dev.octet.engine;

/** The steps of the law of softmax, layer norm and GELU: docs/numerics.md, "Functions of floats". */
@SuppressWarnings("FloatingPointLiteralPrecision") // constants as they are published
public final class FloatLaw {
  /** Sums of a row are so many partial sums until its end. */
  public static final int SUMS = 64;

  /** The smallest argument of {@link #exponential}, of which it is 0. */
  public static final float LOWEST = -88;
  /** The greatest argument of {@link #exponential}, of which it is infinite. */
  public static final float HIGHEST = 89;

  /** {@code x + MAGIC} is rint(x) + MAGIC for |x| up to 2^22. */
  public static final float MAGIC = 12582912;
  public static final float LOG2_E = 1.44269504f;
  /** ln 2 in two parts: the product of the first with a small integer is exact. */
  public static final float LN2_HIGH = 0.693359375f;
  public static final float LN2_LOW = -2.12194440e-4f;

  /** Of e^r for |r| up to half of ln 2, from the highest power on (Cephes, expf). */
  private static final float[] EXPONENTIAL = {1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f,
      4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f};

  /** Of the error function on -4 to 4 (Eigen, generic_fast_erf_float). */
  private static final float[] ERF_ABOVE = {-2.72614225801306e-10f, 2.77068142495902e-08f,
      -2.10102402082508e-06f, -5.69250639462346e-05f, -7.34990630326855e-04f, -2.95459980854025e-03f,
      -1.60960333262415e-02f};
  private static final float[] ERF_BELOW = {-1.45660718464996e-05f, -2.13374055278905e-04f,
      -1.68282697438203e-03f, -7.37332916720468e-03f, -1.42647390514189e-02f};

  public static final float ROOT_OF_HALF = 0.707106781f;
  public static final float ERF_LIMIT = 4;
  /** {@code -2 * sqrt(2 / pi)}. */
  public static final float TANH_FACTOR = -1.59576912f;
  public static final float TANH_CUBE = 0.044715f;

  private FloatLaw() {}

  /**
   * Returns a coefficient of the exponential function.
   *
   * @param i 0 to 5, from the highest power on
   * @return the coefficient
   */
  public static float exponentialTerm(int i) {
    return EXPONENTIAL[i];
  }

  /**
   * Returns a coefficient of the numerator of the error function.
   *
   * @param i 0 to 6, from the highest power on
   * @return the coefficient
   */
  public static float erfAbove(int i) {
    return ERF_ABOVE[i];
  }

  /**
   * Returns a coefficient of the denominator of the error function.
   *
   * @param i 0 to 4, from the highest power on
   * @return the coefficient
   */
  public static float erfBelow(int i) {
    return ERF_BELOW[i];
  }

  private static float horner(float[] terms, float x) {
    float p = terms[0];
    for (int i = 1; i < terms.length; i++) {
      p = Math.fma(p, x, terms[i]);
    }
    return p;
  }

  /**
   * Returns e^x.
   *
   * @param x {@link #LOWEST} to {@link #HIGHEST}, or NaN
   * @return within 1.5 * 2^-24 of it, relatively; 0 below -87.7, infinity above 88.4
   */
  public static float exponential(float x) {
    float t = Math.fma(x, LOG2_E, MAGIC);
    float n = t - MAGIC;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    float e = Math.fma(horner(EXPONENTIAL, r), r * r, r) + 1;
    return e * Float.intBitsToFloat((Float.floatToRawIntBits(t) << 23) + Float.floatToRawIntBits(1));
  }

  /**
   * Returns GELU by the error function.
   *
   * @param x any number
   * @return {@code x * (1 + erf(x / sqrt(2))) / 2}
   */
  public static float gelu(float x) {
    float z = Math.max(-ERF_LIMIT, Math.min(ERF_LIMIT, x * ROOT_OF_HALF));
    float z2 = z * z;
    float erf = z * horner(ERF_ABOVE, z2) / horner(ERF_BELOW, z2);
    return x * 0.5f * (erf + 1);
  }

  /**
   * Returns GELU by the hyperbolic tangent.
   *
   * @param x any number
   * @return {@code x / (1 + e^(-2u))} with {@code u = sqrt(2 / pi) * (x + 0.044715 * x^3)}
   */
  public static float geluTanh(float x) {
    float v = x * TANH_FACTOR * Math.fma(x * x, TANH_CUBE, 1);
    return x / (exponential(Math.max(LOWEST, Math.min(HIGHEST, v))) + 1);
  }

  /**
   * Adds up partial sums: j and j + 32, then j and j + 16, down to one.
   *
   * @param sums {@link #SUMS} of them; changed
   * @return the sum
   */
  public static float total(float[] sums) {
    for (int apart = SUMS / 2; apart > 0; apart /= 2) {
      for (int i = 0; i < apart; i++) {
        sums[i] += sums[i + apart];
      }
    }
    return sums[0];
  }

  /**
   * Returns what a layer norm multiplies differences from the mean with.
   *
   * @param squares the sum of their squares
   * @param columns the length of a row
   * @param epsilon added to the variance
   * @return the reciprocal of the deviation
   */
  public static float normFactor(float squares, int columns, float epsilon) {
    return 1 / (float) Math.sqrt(squares / columns + epsilon);
  }
}
