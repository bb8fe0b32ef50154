package dev.octet.internal.epilogue;

/**
 * The inner loops, one pass each over whole staging arrays.
 *
 * <p>
 * Rounding: with {@code MAGIC = 1.5 * 2^23}, {@code t + MAGIC} is rint(t) + MAGIC for |t| <= 2^22, because
 * the sum lies in [2^23, 2^24], where floats are one apart and the addition rounds half to even, and MAGIC is
 * even. Subtracting an integer near MAGIC from it is exact. Beyond, addition, subtraction and conversion to
 * int are still monotone, so a clamp after them saturates as a clamp before them would. Outputs lie within
 * 255 of 0 before the zero point is added.
 *
 * <p>
 * Elements/ns on one core of an AVX2 machine (Zen 3), and what was tried instead: order and extremes 14, both
 * with Math.min and Math.max of floats 5; requantize within bounds 6, clamped after rounding 4.4; float to
 * byte 7, int to byte 4, by shifts in longs 4.5, the same behind the arithmetic in one loop 2.
 *
 * <p>
 * On an AVX-512 machine (Zen 5): requantize within bounds to bytes 7, to floats 5.5 and from there to bytes
 * 19, together 4.3, and with AVX2 only 3.5 against 3.3; so bytes in one loop. Clamped after rounding C2 does
 * not vectorize that loop (0.6): floats there, and a second loop.
 */
final class Loops {
  private static final float MAGIC = 12582912f;

  private Loops() {}

  static void add(int[] src, int[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] += src[i];
    }
  }

  static void add(float[] src, float[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] += src[i];
    }
  }

  static void addFrom(float[] src, int at, float[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] += src[at + i];
    }
  }

  static void addProduct(int[] table, int factor, int[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] += table[i] * factor;
    }
  }

  static void scale(int[] sums, int[] terms, float[] multipliers, float[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] = (float) (sums[i] + terms[i]) * multipliers[i];
    }
  }

  static void scale(int[] sums, int[] terms, float[] multipliers, float rowScale, float[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] = (float) (sums[i] + terms[i]) * (rowScale * multipliers[i]);
    }
  }

  static void atLeast(float min, float[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] = Math.max(dst[i], min);
    }
  }

  static void atMost(float max, float[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] = Math.min(dst[i], max);
    }
  }

  /** Accumulators clamped to where they saturate, see {@link Saturation}. */
  static void requantize(int[] sums, int[] terms, int[] low, int[] high, float[] multipliers, int zeroPoint,
      byte[] dst, int count) {
    float base = MAGIC - zeroPoint;
    for (int i = 0; i < count; i++) {
      int clamped = Math.min(Math.max(sums[i] + terms[i], low[i]), high[i]);
      dst[i] = (byte) (int) ((float) clamped * multipliers[i] + MAGIC - base);
    }
  }

  /**
   * Outputs as floats, for any multiplier. They are reckoned from lo, so that NaN, which an infinite
   * multiplier makes of 0 and the conversion turns into 0, gives lo as the law has it.
   */
  static void requantize(int[] sums, int[] terms, float[] multipliers, float rowScale, int zeroPoint, int lo,
      int hi, float[] dst, int count) {
    float base = MAGIC + (lo - zeroPoint);
    int range = hi - lo;
    for (int i = 0; i < count; i++) {
      float t = (float) (sums[i] + terms[i]) * (rowScale * multipliers[i]);
      int steps = (int) (t + MAGIC - base);
      dst[i] = (float) (Math.min(Math.max(steps, 0), range) + lo);
    }
  }

  /** Integers from -128 to 255 as floats to bytes. */
  static void narrow(float[] src, byte[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] = (byte) (int) src[i];
    }
  }

  /** Between the bits of a float and an int in the same order; its own inverse. */
  static int order(int bits) {
    return bits ^ (bits >> 31 & Integer.MAX_VALUE);
  }

  /** The ordered int of the smallest float, given by its bits, or of 0. */
  static int min(int[] bits, int count) {
    int min = 0;
    for (int i = 0; i < count; i++) {
      min = Math.min(min, order(bits[i]));
    }
    return min;
  }

  /** The ordered int of the largest float, given by its bits, or of 0. */
  static int max(int[] bits, int count) {
    int max = 0;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, order(bits[i]));
    }
    return max;
  }

  /** The law's quantize row for U8 where no quotient rounds beyond the range. */
  static void quantize(float[] src, float scale, int zeroPoint, byte[] dst, int count) {
    float base = MAGIC - zeroPoint;
    for (int i = 0; i < count; i++) {
      dst[i] = (byte) (int) (src[i] / scale + MAGIC - base);
    }
  }

  /** The law's quantize row for U8, in place and as floats; NaN gives 0. */
  static void quantizeClamped(float[] values, float scale, int zeroPoint, int count) {
    float base = MAGIC - zeroPoint;
    for (int i = 0; i < count; i++) {
      int q = (int) (values[i] / scale + MAGIC - base);
      values[i] = (float) Math.min(Math.max(q, 0), 255);
    }
  }
}
