package dev.octet.internal.dispatch;

import dev.octet.DataType;

/**
 * The single steps of the numerics law that builders and the scalar engine share; binary32 throughout, no
 * fused multiply-add, round half to even.
 */
public final class Numbers {
  private Numbers() {}

  /** Round half to even, as a float. */
  public static float rint(float x) {
    return (float) Math.rint(x);
  }

  /** {@code sat[lo,hi](rint(x / scale) + zeroPoint)}; NaN gives lo, infinities saturate. */
  public static int quantize(float x, float scale, int zeroPoint, int lo, int hi) {
    float t = rint(x / scale);
    if (Float.isNaN(t)) {
      return lo;
    }
    // Compared as floats before the addition: neither a huge t nor the sum can overflow an int.
    if (t <= lo - zeroPoint) {
      return lo;
    }
    if (t >= hi - zeroPoint) {
      return hi;
    }
    return (int) t + zeroPoint;
  }

  /** The same, saturating at the range of a type. */
  public static int quantize(float x, float scale, int zeroPoint, DataType type) {
    return quantize(x, scale, zeroPoint, type.min(), type.max());
  }

  /** {@code f32(q - zeroPoint) * scale}. */
  public static float dequantize(int q, float scale, int zeroPoint) {
    return (float) (q - zeroPoint) * scale;
  }

  /**
   * The scale of a range that holds 0: {@code (max - min) / (hi - lo)}. 1 where that is 0: an all-zero input,
   * or one so small that the quotient underflows. Not finite where an end is not or the difference overflows.
   */
  public static float rangeScale(float min, float max, DataType type) {
    float scale = (max - min) / (float) (type.max() - type.min());
    return scale == 0 ? 1 : scale;
  }

  /** The zero point of a range that holds 0: {@code sat(rint(lo - min / scale))}; NaN gives lo. */
  public static int rangeZeroPoint(float min, float scale, DataType type) {
    return round(type.min() - min / scale, 0, type.min(), type.max());
  }

  /** {@code M = f32(f32(sx * sw) / sy)}. */
  public static float multiplier(float inputScale, float weightScale, float outputScale) {
    return inputScale * weightScale / outputScale;
  }

  /** A scaled accumulator to an integer: clamp to {@code [lo - zy, hi - zy]}, rint, add zy. NaN gives lo. */
  public static int round(float t, int zeroPoint, int lo, int hi) {
    float clamped = Math.min(Math.max(t, (float) (lo - zeroPoint)), (float) (hi - zeroPoint));
    return Float.isNaN(clamped) ? lo : (int) rint(clamped) + zeroPoint;
  }

  /**
   * The scale of a dynamically quantized U8 row whose range, widened to hold 0, is min to max. A range that
   * is not finite gives a scale that is not, and so a product that is not.
   */
  public static float dynamicScale(float min, float max) {
    return min == max ? 1 : (max - min) / 255;
  }

  /** The zero point that goes with it: {@code rint(sat[0,255](0 - min / scale))}; NaN gives 0. */
  public static int dynamicZeroPoint(float min, float scale) {
    return round(0 - min / scale, 0, 0, 255);
  }

  /** The scale of a symmetric group: {@code absmax / 127}, 1 where all is zero. */
  public static float symmetricScale(float absmax) {
    return absmax == 0 ? 1 : absmax / 127;
  }

  /** A float bias in units of the accumulator: {@code rint(bias / f32(sx * sw))}, saturated. */
  public static int bias(float bias, float inputScale, float weightScale) {
    return (int) Math.rint((double) (bias / (inputScale * weightScale)));
  }
}
