package dev.octet.internal.epilogue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The inner loops, one pass each over staging arrays.
 *
 * <p>
 * Rounding: with {@code MAGIC = 1.5 * 2^23}, {@code t + MAGIC} is rint(t) + MAGIC for |t| <= 2^22, because the
 * sum lies in [2^23, 2^24], where floats are one apart and the addition rounds half to even, and MAGIC is
 * even. Beyond, addition, subtraction of an integer and conversion to int are still monotone, so a clamp
 * after them saturates as a clamp before them would. Outputs lie within 255 of 0 before the zero point is
 * added.
 */
final class Loops {
  private static final float MAGIC = 12582912f;
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class,
      ByteOrder.LITTLE_ENDIAN);

  private Loops() {}

  static void add(int[] src, int[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] += src[i];
    }
  }

  static void add(int[] table, int c, int[] src, int[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] = src[i] + table[c + i];
    }
  }

  static void add(float[] table, int c, float[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] += table[c + i];
    }
  }

  static void addProduct(int[] table, int c, int factor, int[] dst, int at, int count) {
    for (int i = 0; i < count; i++) {
      dst[at + i] += table[c + i] * factor;
    }
  }

  static void scale(int[] sums, int[] terms, float[] multipliers, int c, float[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] = (float) (sums[i] + terms[c + i]) * multipliers[c + i];
    }
  }

  static void scale(int[] sums, int at, int[] terms, float[] multipliers, int c, float rowScale, float[] dst,
      int count) {
    for (int i = 0; i < count; i++) {
      dst[at + i] = (float) (sums[at + i] + terms[c + i]) * (rowScale * multipliers[c + i]);
    }
  }

  static void clamp(float[] dst, float min, float max, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] = Math.min(Math.max(dst[i], min), max);
    }
  }

  /** The lowest byte of each result is the output, see {@link Saturation}. */
  static void requantize(int[] sums, int[] terms, int[] low, int[] high, float[] multipliers, int c,
      float zeroPoint, float[] dst, int count) {
    for (int i = 0; i < count; i++) {
      int clamped = Math.min(Math.max(sums[i] + terms[c + i], low[c + i]), high[c + i]);
      // The zero point behind the rounding: in front of it an odd one would turn ties the other way.
      dst[i] = (float) clamped * multipliers[c + i] + MAGIC + zeroPoint;
    }
  }

  /**
   * For any multiplier. The result is reckoned from lo, so that NaN, which an infinite multiplier makes of 0
   * and the conversion turns into 0, gives lo as the law has it.
   */
  static void requantize(int[] sums, int at, int[] terms, float[] multipliers, int c, float rowScale,
      int zeroPoint, int lo, int hi, int[] dst, int count) {
    float base = MAGIC + (lo - zeroPoint);
    int range = hi - lo;
    for (int i = 0; i < count; i++) {
      float t = (float) (sums[at + i] + terms[c + i]) * (rowScale * multipliers[c + i]);
      int steps = (int) (t + MAGIC - base);
      dst[at + i] = Math.min(Math.max(steps, 0), range) + lo;
    }
  }

  /** Bits of floats to ints in the same order. */
  static void order(int[] bits, int count) {
    for (int i = 0; i < count; i++) {
      bits[i] ^= bits[i] >> 31 & Integer.MAX_VALUE;
    }
  }

  static int min(int[] values, int count) {
    int min = Integer.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      min = Math.min(min, values[i]);
    }
    return min;
  }

  static int max(int[] values, int count) {
    int max = Integer.MIN_VALUE;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, values[i]);
    }
    return max;
  }

  static int sum(int[] values, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
      sum += values[i];
    }
    return sum;
  }

  /** The law's quantize row; reckoned from lo, so that NaN gives lo. */
  static void quantize(float[] src, float scale, int zeroPoint, int lo, int hi, int[] dst, int count) {
    float base = MAGIC + (lo - zeroPoint);
    int range = hi - lo;
    for (int i = 0; i < count; i++) {
      int steps = (int) (src[i] / scale + MAGIC - base);
      dst[i] = Math.min(Math.max(steps, 0), range) + lo;
    }
  }

  static void narrow(int[] src, byte[] dst, int count) {
    for (int i = 0; i < count; i++) {
      dst[i] = (byte) src[i];
    }
  }

  /**
   * The lowest byte of each float. Eight at a time in registers, which is as fast as what C2 makes of a
   * narrowing loop and spares the way through an int array. Up to seven bytes more are written.
   */
  static void lowBytes(MemorySegment src, byte[] dst, int count) {
    for (int i = 0; i < count; i += 8) {
      long at = 4L * i;
      long word = pair(src.get(ValueLayout.JAVA_LONG_UNALIGNED, at))
          | pair(src.get(ValueLayout.JAVA_LONG_UNALIGNED, at + 8)) << 16
          | pair(src.get(ValueLayout.JAVA_LONG_UNALIGNED, at + 16)) << 32
          | pair(src.get(ValueLayout.JAVA_LONG_UNALIGNED, at + 24)) << 48;
      LONG.set(dst, i, word);
    }
  }

  private static long pair(long twoFloats) {
    return twoFloats & 0xff | twoFloats >>> 24 & 0xff00;
  }
}
