package dev.octet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The ranges of numbers, each widened to hold 0; not safe for use by multiple threads. */
final class Ranges {
  /** Numbers that are looked at together, in an array, over which C2 vectorizes. */
  static final int BLOCK = 1024;

  private final MemorySegment values;
  private final Shape shape;
  private final float[] block = new float[BLOCK];
  private final float[] min;
  private final float[] max;

  /**
   * Ranges that hold 0 alone.
   *
   * @param values binary32
   * @param shape of the values
   * @param count how many ranges
   */
  Ranges(MemorySegment values, Shape shape, int count) {
    this.values = values;
    this.shape = shape;
    this.min = new float[count];
    this.max = new float[count];
  }

  /** The lower ends. */
  float[] min() {
    return min;
  }

  /** The upper ends. */
  float[] max() {
    return max;
  }

  /**
   * Widens ranges by numbers that lie one behind the other.
   *
   * @param first which is the first number
   * @param range its range
   * @param step 0: that of all numbers; 1: each has the one behind that of the number before
   * @param count how many numbers
   * @throws IllegalArgumentException if one is not finite
   */
  void widen(long first, int range, int step, long count) {
    for (long from = 0; from < count; from += BLOCK) {
      int length = (int) Math.min(BLOCK, count - from);
      MemorySegment.copy(values, ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (first + from), block, 0, length);
      if (step == 0) {
        widen(range, length);
      } else {
        widenEach(range + (int) from, length);
      }
      if (!isFinite(length)) {
        refuse(first + from, length);
      }
    }
  }

  private void widen(int range, int length) {
    float least = min[range];
    float most = max[range];
    for (int i = 0; i < length; i++) {
      least = Math.min(least, block[i]);
      most = Math.max(most, block[i]);
    }
    min[range] = least;
    max[range] = most;
  }

  private void widenEach(int range, int length) {
    for (int i = 0; i < length; i++) {
      min[range + i] = Math.min(min[range + i], block[i]);
      max[range + i] = Math.max(max[range + i], block[i]);
    }
  }

  /** Whether no exponent is that of infinities and NaN. */
  private boolean isFinite(int length) {
    int most = 0;
    for (int i = 0; i < length; i++) {
      most = Math.max(most, Float.floatToRawIntBits(block[i]) & 0x7f80_0000);
    }
    return most != 0x7f80_0000;
  }

  private void refuse(long first, int length) {
    for (int i = 0; i < length; i++) {
      if (!Float.isFinite(block[i])) {
        throw new IllegalArgumentException("values" + Arrays.toString(shape.position(first + i))
            + ": expected a finite number, got " + block[i]);
      }
    }
  }
}
