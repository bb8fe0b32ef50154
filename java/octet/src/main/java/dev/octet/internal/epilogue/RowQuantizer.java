package dev.octet.internal.epilogue;

import dev.octet.internal.pack.Sums;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rows of floats to rows of U8, each with a scale and zero point of its own: the law's dynamic quantize.
 *
 * <p>
 * Minimum and maximum are found among integers that are ordered as the floats are; NaNs of either sign lie
 * outside the infinities there, so that one in a row is noticed at no cost: the row's scale is NaN then, its
 * zero point and all its values 0.
 */
public final class RowQuantizer {
  private static final int POSITIVE_INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);
  private static final int NEGATIVE_INFINITY = Loops.order(Float.floatToRawIntBits(Float.NEGATIVE_INFINITY));

  private RowQuantizer() {}

  /**
   * Quantizes rows. All of src, dst and the parameters are disjoint.
   *
   * @param staging arrays of the running tile; what it says of operands is neither read nor changed
   * @param src floats, native or heap, unaligned
   * @param srcOffset elements before the first row
   * @param srcStride elements from one row to the next
   * @param dst U8, native or heap
   * @param dstOffset elements before the first row
   * @param dstStride elements from one row to the next
   * @param rows how many
   * @param columns elements of a row
   * @param scales F32, unaligned: one for each row, from parametersOffset (in elements) on
   * @param zeroPoints S32, unaligned, likewise
   * @param sums S32, unaligned, likewise: the sum of the row's quantized values; null: not wanted
   * @param parametersOffset the element of the parameters that belongs to the first row
   */
  public static void run(Staging staging, MemorySegment src, long srcOffset, long srcStride,
      MemorySegment dst, long dstOffset, long dstStride, int rows, int columns, MemorySegment scales,
      MemorySegment zeroPoints, MemorySegment sums, long parametersOffset) {
    for (int row = 0; row < rows; row++) {
      long from = srcOffset + row * srcStride;
      int least = 0;
      int most = 0;
      for (int c = 0; c < columns; c += Staging.CHUNK) {
        int width = Math.min(Staging.CHUNK, columns - c);
        MemorySegment.copy(src, ValueLayout.JAVA_INT_UNALIGNED, 4 * (from + c), staging.sums, 0, width);
        least = Math.min(least, Loops.min(staging.sums, width));
        most = Math.max(most, Loops.max(staging.sums, width));
      }
      boolean nan = least < NEGATIVE_INFINITY || most > POSITIVE_INFINITY;
      float min = Float.intBitsToFloat(Loops.order(least));
      float max = Float.intBitsToFloat(Loops.order(most));
      float scale = nan ? Float.NaN : scale(min, max);
      int zeroPoint = zeroPoint(min, scale);
      // Division and rounding are monotone: if the ends of the row stay within range, all of it does.
      boolean inRange = Math.rint((double) (max / scale)) + zeroPoint <= 255
          && Math.rint((double) (min / scale)) + zeroPoint >= 0;
      int sum = 0;
      for (int c = 0; c < columns; c += Staging.CHUNK) {
        int width = Math.min(Staging.CHUNK, columns - c);
        MemorySegment.copy(src, ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (from + c), staging.floats, 0, width);
        if (inRange) {
          Loops.quantize(staging.floats, scale, zeroPoint, staging.bytes, width);
        } else {
          Loops.quantizeClamped(staging.floats, scale, zeroPoint, width);
          Loops.narrow(staging.floats, staging.bytes, width);
        }
        if (sums != null) {
          sum += Sums.unsigned(staging.bytes, width);
        }
        MemorySegment.copy(staging.bytes, 0, dst, ValueLayout.JAVA_BYTE, dstOffset + row * dstStride + c,
            width);
      }
      long parameter = 4 * (parametersOffset + row);
      scales.set(ValueLayout.JAVA_FLOAT_UNALIGNED, parameter, scale);
      zeroPoints.set(ValueLayout.JAVA_INT_UNALIGNED, parameter, zeroPoint);
      if (sums != null) {
        sums.set(ValueLayout.JAVA_INT_UNALIGNED, parameter, sum);
      }
    }
  }

  /** The range is widened to hold 0 already; one of no width has scale 1. */
  private static float scale(float min, float max) {
    float scale = (max - min) / 255;
    return scale == 0 ? 1 : scale;
  }

  private static int zeroPoint(float min, float scale) {
    float t = 0 - min / scale;
    return Float.isNaN(t) ? 0 : (int) Math.rint((double) Math.min(Math.max(t, 0), 255));
  }
}
