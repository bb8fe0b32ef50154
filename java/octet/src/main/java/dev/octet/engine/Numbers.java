package dev.octet.engine;

import dev.octet.DataType;

/**
 * Steps of the numerics law that builders and engines share, in binary32 without fused multiply-add, rounding
 * half to even.
 *
 * <p>
 * The class belongs to the values, but is in this package: {@code dev.octet} is exported to all, and a class
 * there that other packages use is public API.
 */
public final class Numbers {
  private Numbers() {}

  /** Rounds half to even. */
  public static float rint(float x) {
    return (float) Math.rint(x);
  }

  /** Returns {@code sat[lo,hi](rint(x / scale) + zeroPoint)}; lo for NaN. Infinities saturate. */
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

  /** Quantizes a number and saturates it to the range of a type. */
  public static int quantize(float x, float scale, int zeroPoint, DataType type) {
    return quantize(x, scale, zeroPoint, type.min(), type.max());
  }

  /** Returns {@code f32(q - zeroPoint) * scale}. */
  public static float dequantize(int q, float scale, int zeroPoint) {
    return (float) (q - zeroPoint) * scale;
  }

  /**
   * Returns the scale of a range that holds 0: {@code (max - min) / (hi - lo)}, or 1 if that is 0, which is
   * so if all numbers are 0 or the quotient underflows. The scale is not finite if an end of the range is not
   * or the difference overflows.
   */
  public static float rangeScale(float min, float max, DataType type) {
    float scale = (max - min) / (float) (type.max() - type.min());
    return scale == 0 ? 1 : scale;
  }

  /** Returns the zero point of a range that holds 0: {@code sat(rint(lo - min / scale))}; lo for NaN. */
  public static int rangeZeroPoint(float min, float scale, DataType type) {
    return round(type.min() - min / scale, 0, type.min(), type.max());
  }

  /** Returns {@code M = f32(f32(sx * sw) / sy)}. */
  public static float multiplier(float inputScale, float weightScale, float outputScale) {
    return inputScale * weightScale / outputScale;
  }

  /** Returns the multiplier of an accumulator, without the scale of the row if that is passed to the run. */
  public static float multiplier(ActivationSpec input, float weightScale, OutputSpec output) {
    boolean real = output.type() == DataType.F32;
    if (input.atRun()) {
      return real ? weightScale : weightScale / output.scale();
    }
    return real ? input.scale() * weightScale : multiplier(input.scale(), weightScale, output.scale());
  }

  /**
   * Rounds a scaled accumulator to an integer: clamps it to {@code [lo - zy, hi - zy]}, rounds it and adds
   * zy. Returns lo for NaN.
   */
  public static int round(float t, int zeroPoint, int lo, int hi) {
    float clamped = Math.min(Math.max(t, (float) (lo - zeroPoint)), (float) (hi - zeroPoint));
    return Float.isNaN(clamped) ? lo : (int) rint(clamped) + zeroPoint;
  }

  /**
   * Returns the scale of a symmetric S8 group: {@code absmax / 127}, or 1 if that is 0, which is so if all
   * numbers are 0 or the quotient underflows.
   */
  public static float symmetricScale(float absmax) {
    return symmetricScale(absmax, DataType.S8);
  }

  /** Returns the scale of a symmetric group of a signed type: {@code absmax / hi}, or 1 if that is 0. */
  public static float symmetricScale(float absmax, DataType type) {
    float scale = absmax / type.max();
    return scale == 0 ? 1 : scale;
  }

  /**
   * Returns a float bias as an integer in units of the accumulator: {@code rint(bias / f32(sx * sw))},
   * saturated.
   */
  public static int bias(float bias, float inputScale, float weightScale) {
    return (int) Math.rint((double) (bias / (inputScale * weightScale)));
  }
}
