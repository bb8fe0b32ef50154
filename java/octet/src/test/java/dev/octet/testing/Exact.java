package dev.octet.testing;

import dev.octet.DataType;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Random;

/**
 * The arithmetic of the law by another way than the engines take: exact in BigDecimal (or in double, where a
 * double holds the exact product, or a quotient whose second rounding is innocuous), then rounded to binary32
 * once.
 */
public final class Exact {
  private Exact() {}

  /** {@code f32(a * b)}: 48 bits of product fit a double. */
  public static float product(float a, float b) {
    return (float) ((double) a * b);
  }

  /** {@code f32(a / b)}: 53 bits are at least 2 * 24 + 2, so rounding twice is rounding once. */
  public static float quotient(float a, float b) {
    return (float) ((double) a / b);
  }

  /** {@code f32(a + b)} of finite numbers. */
  public static float sum(float a, float b) {
    return binary32(new BigDecimal(a).add(new BigDecimal(b)));
  }

  /** {@code fma(a, b, c)} of finite numbers. */
  public static float fma(float a, float b, float c) {
    return binary32(new BigDecimal(a).multiply(new BigDecimal(b)).add(new BigDecimal(c)));
  }

  /** The nearest binary32 number within its range, ties to the even significand. */
  public static float binary32(BigDecimal exact) {
    float nearest = exact.floatValue();
    for (float candidate : new float[]{Math.nextDown(nearest), Math.nextUp(nearest)}) {
      if (Float.isFinite(candidate)) {
        int closer = distance(candidate, exact).compareTo(distance(nearest, exact));
        boolean even = (Float.floatToRawIntBits(candidate) & 1) == 0;
        if (closer < 0 || (closer == 0 && even)) {
          nearest = candidate;
        }
      }
    }
    return nearest;
  }

  private static BigDecimal distance(float f, BigDecimal exact) {
    return new BigDecimal(f).subtract(exact).abs();
  }

  /** {@code sat(rint(t) + zeroPoint)}; NaN gives lo. */
  public static int integer(float t, int zeroPoint, int lo, int hi) {
    if (Float.isNaN(t)) {
      return lo;
    }
    if (Float.isInfinite(t)) {
      return t < 0 ? lo : hi;
    }
    BigDecimal rounded = new BigDecimal(t).setScale(0, RoundingMode.HALF_EVEN)
        .add(BigDecimal.valueOf(zeroPoint));
    return rounded.max(BigDecimal.valueOf(lo)).min(BigDecimal.valueOf(hi)).intValueExact();
  }

  /** The quantize row. */
  public static int quantize(float x, float scale, int zeroPoint, DataType type) {
    return integer(quotient(x, scale), zeroPoint, type.min(), type.max());
  }

  /** A positive scale, from tiny to huge but mostly ordinary. */
  public static float scale(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> (float) Math.scalb(1 + random.nextDouble(), random.nextInt(-40, 41));
      case 1 -> Math.scalb(1f, random.nextInt(-6, 3));
      default -> random.nextFloat(0.001f, 1.5f);
    };
  }

  /** A zero point: often one of the ends. */
  public static int zeroPoint(Random random, DataType type) {
    return switch (random.nextInt(4)) {
      case 0 -> type.min();
      case 1 -> type.max();
      default -> random.nextInt(type.min(), type.max() + 1);
    };
  }
}
