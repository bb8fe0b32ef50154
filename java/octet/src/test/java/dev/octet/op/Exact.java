package dev.octet.op;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * The numerics law once more, independent of the library: every step in exact decimal arithmetic, rounded to
 * binary32 where the law says f32. Finite numbers without underflow only.
 */
final class Exact {
  private Exact() {}

  static float multiply(float a, float b) {
    return big(a).multiply(big(b)).floatValue();
  }

  static float add(float a, float b) {
    return big(a).add(big(b)).floatValue();
  }

  static float fma(float a, float b, float c) {
    return big(a).multiply(big(b)).add(big(c)).floatValue();
  }

  /** A quotient of two binary32 numbers rounded to 53 bits, then 24, is the quotient rounded to 24. */
  static float divide(float a, float b) {
    return (float) ((double) a / (double) b);
  }

  static float ofInt(int i) {
    return BigDecimal.valueOf(i).floatValue();
  }

  /** {@code sat[lo,hi](rint(x / scale) + zeroPoint)}. */
  static int quantize(float x, float scale, int zeroPoint, int lo, int hi) {
    return saturate(rint(divide(x, scale)).add(BigDecimal.valueOf(zeroPoint)), lo, hi);
  }

  /** Clamp to {@code [lo - zeroPoint, hi - zeroPoint]}, rint, add the zero point. */
  static int round(float t, int zeroPoint, int lo, int hi) {
    return saturate(rint(t).add(BigDecimal.valueOf(zeroPoint)), lo, hi);
  }

  /** Of a sum that may be longer than 32 bits. */
  static int wrap(long accumulator) {
    return (int) accumulator;
  }

  private static BigDecimal rint(float x) {
    return big(x).setScale(0, RoundingMode.HALF_EVEN);
  }

  private static int saturate(BigDecimal x, int lo, int hi) {
    return x.max(BigDecimal.valueOf(lo)).min(BigDecimal.valueOf(hi)).intValueExact();
  }

  private static BigDecimal big(float x) {
    return new BigDecimal(x);
  }
}
