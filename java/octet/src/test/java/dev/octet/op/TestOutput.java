package dev.octet.op;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.DataType;
import dev.octet.Quantization;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;

/** A random kind of output of a product, and what the law makes of an accumulator with it. */
final class TestOutput {
  private final DataType type;
  private final float scale;
  private final int zeroPoint;
  private final boolean clamped;
  private final float min;
  private final float max;

  private TestOutput(DataType type, float scale, int zeroPoint, boolean clamped, float min, float max) {
    this.type = type;
    this.scale = scale;
    this.zeroPoint = zeroPoint;
    this.clamped = clamped;
    this.min = min;
    this.max = max;
  }

  /** Any output, for accumulators whose real value is about so large. */
  static TestOutput random(Random random, float magnitude) {
    DataType type = Seeds.oneOf(random, DataType.S32, DataType.F32, DataType.U8, DataType.S8);
    float scale = magnitude / (20 + random.nextInt(400));
    if (random.nextInt(3) == 0) {
      scale = Math.scalb(1f, Math.getExponent(scale)); // with scales of operands that are such, ties
    }
    int zeroPoint = type.isByte() ? TestMemory.zeroPoint(random, type) : 0;
    boolean clamped = type != DataType.S32 && random.nextBoolean();
    float low = magnitude * (random.nextFloat() - 0.7f);
    float high = low + magnitude * random.nextFloat();
    float min = random.nextInt(3) == 0 ? Float.NEGATIVE_INFINITY : low;
    float max = random.nextInt(3) == 0 ? Float.POSITIVE_INFINITY : high;
    return new TestOutput(type, scale, zeroPoint, clamped, min, max);
  }

  DataType type() {
    return type;
  }

  int bytes() {
    return type.bits() / 8;
  }

  Quantization quantization() {
    return Quantization.perTensor(scale, zeroPoint);
  }

  boolean clamped() {
    return clamped;
  }

  float min() {
    return min;
  }

  float max() {
    return max;
  }

  /**
   * The result as bits: the integer, or those of the float.
   *
   * @param accumulator with bias
   * @param perRow whether sx came with the run
   * @param bias of an F32 output, or null
   */
  int expected(int accumulator, float sx, boolean perRow, float sw, Float bias) {
    if (type == DataType.S32) {
      return accumulator;
    }
    if (type == DataType.F32) {
      float y = Exact.product((float) accumulator, Exact.product(sx, sw));
      return Float.floatToRawIntBits(clamp(bias == null ? y : Exact.sum(y, bias)));
    }
    int lo = type.min();
    int hi = type.max();
    if (clamped) {
      lo = min == Float.NEGATIVE_INFINITY
          ? lo
          : Exact.quantize(min, scale, zeroPoint, type);
      hi = max == Float.POSITIVE_INFINITY
          ? hi
          : Exact.quantize(max, scale, zeroPoint, type);
    }
    float multiplier = perRow
        ? Exact.product(sx, Exact.quotient(sw, scale))
        : Exact.quotient(Exact.product(sx, sw), scale);
    return Exact.integer(Exact.product((float) accumulator, multiplier), zeroPoint, lo, hi);
  }

  private float clamp(float y) {
    if (!clamped) {
      return y;
    }
    return y < min ? min : y > max ? max : y;
  }

  /** Checks one element of a result. */
  void check(int expected, MemorySegment y, long index, Object description) {
    int got = switch (type) {
      case U8, S8 -> TestMemory.get(y, type, index);
      default -> y.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * index);
    };
    if (type == DataType.F32) {
      assertEquals(Float.intBitsToFloat(expected), Float.intBitsToFloat(got),
          () -> "element " + index + " of " + description);
    } else {
      assertEquals(expected, got, () -> "element " + index + " of " + description);
    }
  }

  /** Checks that elements outside of a result are as they were. */
  void checkUntouched(MemorySegment y, long index, Object description) {
    byte[] element = y.asSlice(index * bytes(), bytes()).toArray(ValueLayout.JAVA_BYTE);
    byte[] marks = new byte[bytes()];
    Arrays.fill(marks, TestMemory.UNTOUCHED);
    assertEquals(Arrays.toString(marks), Arrays.toString(element),
        () -> "element " + index + ", which is between the rows, of " + description);
  }

  @Override
  public String toString() {
    return type + (type.isByte() ? " " + quantization() : "") + (clamped ? " in " + min + ".." + max : "");
  }
}
