package dev.octet.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.DataType;
import dev.octet.Quantization;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** A dice kind of output of a product, and what the law makes of an accumulator with it. */
public final class TestOutput {
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
  public static TestOutput random(Dice dice, float magnitude) {
    DataType type = dice.pick(DataType.S32, DataType.F32, DataType.U8, DataType.S8);
    float scale = magnitude / dice.between(20, 419);
    if (dice.oneIn(3)) {
      scale = Math.scalb(1f, Math.getExponent(scale)); // with scales of operands that are such, ties
    }
    int zeroPoint = type.isByte() ? dice.zeroPoint(type) : 0;
    boolean clamped = type != DataType.S32 && dice.oneIn(2);
    float low = magnitude * (dice.between(0f, 1f) - 0.7f);
    float high = low + magnitude * dice.between(0f, 1f);
    float min = dice.oneIn(3) ? Float.NEGATIVE_INFINITY : low;
    float max = dice.oneIn(3) ? Float.POSITIVE_INFINITY : high;
    return new TestOutput(type, scale, zeroPoint, clamped, min, max);
  }

  public DataType type() {
    return type;
  }

  public int bytes() {
    return type.bits() / 8;
  }

  public Quantization quantization() {
    return Quantization.perTensor(scale, zeroPoint);
  }

  public boolean clamped() {
    return clamped;
  }

  public float min() {
    return min;
  }

  public float max() {
    return max;
  }

  /**
   * The result as bits: the integer, or those of the float.
   *
   * @param accumulator with bias
   * @param perRow whether sx came with the run
   * @param bias of an F32 output, or null
   */
  public int expected(int accumulator, float sx, boolean perRow, float sw, Float bias) {
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
  public void check(int expected, MemorySegment y, long index, Object description) {
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
  public void checkUntouched(MemorySegment y, long index, Object description) {
    byte[] element = y.asSlice(index * bytes(), bytes()).toArray(ValueLayout.JAVA_BYTE);
    byte[] marks = new byte[bytes()];
    Arrays.fill(marks, Operands.GAP);
    assertEquals(Arrays.toString(marks), Arrays.toString(element),
        () -> "element " + index + ", which is between the rows, of " + description);
  }

  @Override
  public String toString() {
    return type + (type.isByte() ? " " + quantization() : "") + (clamped ? " in " + min + ".." + max : "");
  }
}
