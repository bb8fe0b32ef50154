package dev.octet.engine;

import dev.octet.DataType;

/**
 * The single steps of the numerics law that builders and engines share; binary32 throughout, no fused
 * multiply-add, round half to even.
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

  /** What an accumulator is multiplied by, without the row's scale where that comes with the run. */
  public static float multiplier(ActivationSpec input, float weightScale, OutputSpec output) {
    boolean real = output.type() == DataType.F32;
    if (input.atRun()) {
      return real ? weightScale : weightScale / output.scale();
    }
    return real ? input.scale() * weightScale : multiplier(input.scale(), weightScale, output.scale());
  }

  /** A scaled accumulator to an integer: clamp to {@code [lo - zy, hi - zy]}, rint, add zy. NaN gives lo. */
  public static int round(float t, int zeroPoint, int lo, int hi) {
    float clamped = Math.min(Math.max(t, (float) (lo - zeroPoint)), (float) (hi - zeroPoint));
    return Float.isNaN(clamped) ? lo : (int) rint(clamped) + zeroPoint;
  }

  /**
   * The scale of a symmetric S8 group: {@code absmax / 127}. 1 where that is 0: all is zero, or so small that
   * the quotient underflows.
   */
  public static float symmetricScale(float absmax) {
    return symmetricScale(absmax, DataType.S8);
  }

  /** The same for any signed type: {@code absmax / hi}. */
  public static float symmetricScale(float absmax, DataType type) {
    float scale = absmax / type.max();
    return scale == 0 ? 1 : scale;
  }

  /** A float bias in units of the accumulator: {@code rint(bias / f32(sx * sw))}, saturated. */
  public static int bias(float bias, float inputScale, float weightScale) {
    return (int) Math.rint((double) (bias / (inputScale * weightScale)));
  }
}
