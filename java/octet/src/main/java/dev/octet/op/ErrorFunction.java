package dev.octet.op;

/**
 * The complementary error function in binary64, for GELU; the JDK has none. NIST Digital Library of
 * Mathematical Functions (dlmf.nist.gov), chapter 7: near 0 the series 7.6.2, whose terms are all of one sign
 * and so cannot cancel, farther out the continued fraction 7.9.2. StrictMath, so that every platform computes
 * the same bits.
 */
final class ErrorFunction {
  /** 2 / sqrt(pi). */
  private static final double TWO_OVER_ROOT_PI = 1.1283791670955126;

  /** Where the continued fraction takes over; there its terms below are enough for the last bit. */
  private static final double SPLIT = 2;

  private static final int FRACTION_TERMS = 60;

  /** From here on the result is below the smallest binary64 number. */
  private static final double UNDERFLOW = 28;

  private ErrorFunction() {}

  /** Returns {@code 1 - erf(x)}, accurate to some units of the last place for x below 0 and above 2. */
  static double erfc(double x) {
    if (Math.abs(x) < SPLIT) {
      return 1 - series(x);
    }
    return x < 0 ? 2 - fraction(-x) : fraction(x);
  }

  /** Computes {@code erf(x) = 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (1 * 3 * ... * (2n+1))}. */
  private static double series(double x) {
    double term = x;
    double sum = 0;
    for (int odd = 3; sum + term != sum; odd += 2) {
      sum += term;
      term *= 2 * x * x / odd;
    }
    return TWO_OVER_ROOT_PI * expOfMinusSquare(x) * sum;
  }

  /**
   * Computes {@code erfc(x) = exp(-x^2)/sqrt(pi) * 2x / (2x^2+1 - 1*2 / (2x^2+5 - 3*4 / (2x^2+9 - ...)))}.
   */
  private static double fraction(double x) {
    if (x > UNDERFLOW) {
      return 0;
    }
    double tail = 0;
    for (int n = FRACTION_TERMS; n > 0; n--) {
      tail = (2.0 * n - 1) * (2.0 * n) / (2 * x * x + 4.0 * n + 1 - tail);
    }
    return TWO_OVER_ROOT_PI * expOfMinusSquare(x) * x / (2 * x * x + 1 - tail);
  }

  /**
   * Returns {@code exp(-x^2)}. The rounding error of the square is added back, since exp would magnify it by
   * the square.
   */
  private static double expOfMinusSquare(double x) {
    double square = x * x;
    return StrictMath.exp(-square) * (1 - Math.fma(x, x, -square));
  }
}
