package dev.octet.internal.answers;

import dev.octet.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** How far a result may be from what SCALAR has. */
public enum Allowed {
  /** The same bytes; NaN of any bits. */
  NOTHING,
  /** Floats by {@link #NEAR}. */
  NEARLY,
  /** Bytes without a sign by 1. */
  ONE_OF_U8,
  /** Bytes with a sign by 1. */
  ONE_OF_S8;

  /**
   * Floats that the law leaves open may differ by so much of the largest number of an operand. A wrong kernel
   * is off by far more than this, one whose sums are ordered in another way by far less.
   */
  private static final float NEAR = 1.0f / (1 << 12);

  /**
   * Returns what an op allows that leaves the last rounding to the engine.
   *
   * @param output the type of its result
   * @return the most that a result may be off
   */
  public static Allowed byInexactEpilogue(DataType output) {
    return switch (output) {
      case U8 -> ONE_OF_U8;
      case S8 -> ONE_OF_S8;
      case F32 -> NEARLY;
      default -> NOTHING;
    };
  }

  /**
   * Compares two operands of one size.
   *
   * @param actual what an engine left there
   * @param expected what it should be
   * @return the first byte that is off by more than is allowed, in words; null where there is none
   */
  public @Nullable String difference(MemorySegment actual, MemorySegment expected) {
    long size = actual.byteSize();
    long width = this == ONE_OF_U8 || this == ONE_OF_S8 ? 1 : 4;
    long at = actual.mismatch(expected);
    float tolerance = this == NEARLY && at >= 0 ? NEAR * largest(expected) : 0;
    while (at >= 0) {
      long number = at & -width;
      if (number + width > size || !areAlike(actual, expected, number, tolerance)) {
        return "byte " + at + " is " + byteAt(actual, at) + " and not " + byteAt(expected, at);
      }
      long next = number + width;
      long after = MemorySegment.mismatch(actual, next, size, expected, next, size);
      at = after < 0 ? -1 : next + after;
    }
    return null;
  }

  private boolean areAlike(MemorySegment actual, MemorySegment expected, long at, float tolerance) {
    return switch (this) {
      case NOTHING, NEARLY -> areAlike(floatAt(actual, at), floatAt(expected, at), tolerance);
      case ONE_OF_U8 -> Math.abs((byteAt(actual, at) & 0xff) - (byteAt(expected, at) & 0xff)) <= 1;
      case ONE_OF_S8 -> Math.abs(byteAt(actual, at) - byteAt(expected, at)) <= 1;
    };
  }

  /** NaN has many bits. */
  private static boolean areAlike(float a, float b, float tolerance) {
    return (Float.isNaN(a) && Float.isNaN(b)) || (tolerance > 0 && Math.abs(a - b) <= tolerance);
  }

  private static byte byteAt(MemorySegment from, long at) {
    return from.get(ValueLayout.JAVA_BYTE, at);
  }

  private static float largest(MemorySegment floats) {
    float largest = 0;
    for (long i = 0; i + 4 <= floats.byteSize(); i += 4) {
      float magnitude = Math.abs(floatAt(floats, i));
      largest = magnitude > largest && magnitude < Float.POSITIVE_INFINITY ? magnitude : largest;
    }
    return largest;
  }

  private static float floatAt(MemorySegment from, long at) {
    return from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
  }
}
