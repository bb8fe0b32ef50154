package dev.octet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Numbers that become the integers of a tensor, run by run; not safe for use by multiple threads. An integer
 * is {@code saturate(rint(x / scale) + zeroPoint)}: as the bounds are integers, the quotient is clamped
 * before it is rounded, after which adding and subtracting 1.5 * 2<sup>23</sup> rounds it half to even, in
 * loops that C2 vectorizes.
 */
final class QuantizedRuns {
  private static final float ROUNDING = 0x1.8p23f;

  private final MemorySegment values;
  private final MemorySegment data;
  private final DataType type;
  private final int lo;
  private final float[] scales;
  private final int[] zeroPoints;
  private final float[] block = new float[Ranges.BLOCK];
  private final int[] integers = new int[Ranges.BLOCK];
  private final byte[] bytes = new byte[Ranges.BLOCK];

  /**
   * Runs of a tensor.
   *
   * @param values binary32, all finite
   * @param data of the integers; those of 4 bits are written in ascending order
   * @param type of the integers
   * @param lo the least of them
   * @param quantization with zero points in the range of the type
   */
  QuantizedRuns(MemorySegment values, MemorySegment data, DataType type, int lo, Quantization quantization) {
    this.values = values;
    this.data = data;
    this.type = type;
    this.lo = lo;
    this.scales = quantization.scales();
    this.zeroPoints = quantization.zeroPoints();
  }

  /**
   * Quantizes numbers that lie one behind the other.
   *
   * @param first which is the first number
   * @param parameter its scale and zero point
   * @param step 0: those of all numbers; 1: each has those behind those of the number before
   * @param count how many numbers
   */
  void quantize(long first, int parameter, int step, long count) {
    for (long from = 0; from < count; from += Ranges.BLOCK) {
      int length = (int) Math.min(Ranges.BLOCK, count - from);
      MemorySegment.copy(values, ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (first + from), block, 0, length);
      if (step == 0) {
        round(scales[parameter], zeroPoints[parameter], length);
      } else {
        roundEach(parameter + (int) from, length);
      }
      store(first + from, length);
    }
  }

  private void round(float scale, int zeroPoint, int length) {
    float least = lo - zeroPoint;
    float most = type.max() - zeroPoint;
    for (int i = 0; i < length; i++) {
      float q = Math.max(least, Math.min(most, block[i] / scale));
      integers[i] = (int) (q + ROUNDING - ROUNDING) + zeroPoint;
    }
  }

  private void roundEach(int parameter, int length) {
    int hi = type.max();
    for (int i = 0; i < length; i++) {
      float least = lo - zeroPoints[parameter + i];
      float most = hi - zeroPoints[parameter + i];
      float q = Math.max(least, Math.min(most, block[i] / scales[parameter + i]));
      integers[i] = (int) (q + ROUNDING - ROUNDING) + zeroPoints[parameter + i];
    }
  }

  private void store(long first, int length) {
    if (type.isByte()) {
      for (int i = 0; i < length; i++) {
        bytes[i] = (byte) integers[i];
      }
      MemorySegment.copy(bytes, 0, data, ValueLayout.JAVA_BYTE, first, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      long index = first + i;
      int high = (int) (index % 2) * 4;
      int below = high == 0 ? 0 : data.get(ValueLayout.JAVA_BYTE, index / 2); // the first of the pair
      data.set(ValueLayout.JAVA_BYTE, index / 2, (byte) (below | (integers[i] & 0xf) << high));
    }
  }
}
