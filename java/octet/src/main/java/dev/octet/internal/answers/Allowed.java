package dev.octet.internal.answers;

import dev.octet.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** How far a result may be from what SCALAR has. */
public enum Allowed {
  /** The same bytes; a NaN of F32 has any bits. */
  NOTHING,
  /** F32 by {@link #NEAR}. */
  NEARLY,
  /** U8 and S8 by 1. */
  ONE;

  /**
   * Floats that the law leaves open may differ by so much of the largest number of a result. A wrong kernel
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
      case U8, S8 -> ONE;
      case F32 -> NEARLY;
      default -> NOTHING;
    };
  }

  /**
   * Finds the largest magnitude.
   *
   * @param floats a result, or a part of it
   * @return the largest finite one, 0 where there is none
   */
  public static float largest(MemorySegment floats) {
    float largest = 0;
    for (long i = 0; i + Float.BYTES <= floats.byteSize(); i += Float.BYTES) {
      float magnitude = Math.abs(floatAt(floats, i));
      largest = magnitude > largest && magnitude < Float.POSITIVE_INFINITY ? magnitude : largest;
    }
    return largest;
  }

  /**
   * Compares two pieces of memory of one size.
   *
   * @param actual what an engine left there
   * @param expected what it should be
   * @param type of what lies there: F32 is compared as floats, all others as bytes
   * @param largest the largest number of the result, which floats may be off by a part of
   * @return the first byte that is off by more than is allowed; -1 where there is none
   */
  public long mismatch(MemorySegment actual, MemorySegment expected, DataType type, float largest) {
    long size = actual.byteSize();
    int width = type == DataType.F32 ? Float.BYTES : 1;
    float tolerance = this == NEARLY ? NEAR * largest : 0;
    long at = actual.mismatch(expected);
    while (at >= 0) {
      long number = at & -width;
      if (number + width > size || !areAlike(actual, expected, number, type, tolerance)) {
        return at;
      }
      long next = number + width;
      long after = MemorySegment.mismatch(actual, next, size, expected, next, size);
      at = after < 0 ? -1 : next + after;
    }
    return -1;
  }

  /**
   * Puts a mismatch into words.
   *
   * @param actual what an engine left there
   * @param expected what it should be
   * @param at a byte in which they differ
   * @return which one, and both values
   */
  public static String text(MemorySegment actual, MemorySegment expected, long at) {
    return "byte " + at + " is " + byteAt(actual, at) + " and not " + byteAt(expected, at);
  }

  /**
   * Compares two pieces of memory as {@link #mismatch} does.
   *
   * @param actual what an engine left there
   * @param expected what it should be
   * @param type of what lies there
   * @param largest the largest number of the result
   * @return the mismatch in words; null where there is none
   */
  public @Nullable String difference(MemorySegment actual, MemorySegment expected, DataType type,
      float largest) {
    long at = mismatch(actual, expected, type, largest);
    return at < 0 ? null : text(actual, expected, at);
  }

  private boolean areAlike(MemorySegment actual, MemorySegment expected, long at, DataType type,
      float tolerance) {
    if (type == DataType.F32) {
      return areAlike(floatAt(actual, at), floatAt(expected, at), tolerance);
    }
    boolean isSigned = type == DataType.S8;
    return this == ONE && (isSigned || type == DataType.U8)
        && Math.abs(numberAt(actual, at, isSigned) - numberAt(expected, at, isSigned)) <= 1;
  }

  /** NaN has many bits. */
  private static boolean areAlike(float a, float b, float tolerance) {
    return (Float.isNaN(a) && Float.isNaN(b)) || (tolerance > 0 && Math.abs(a - b) <= tolerance);
  }

  private static int numberAt(MemorySegment from, long at, boolean isSigned) {
    return isSigned ? byteAt(from, at) : byteAt(from, at) & 0xff;
  }

  private static byte byteAt(MemorySegment from, long at) {
    return from.get(ValueLayout.JAVA_BYTE, at);
  }

  private static float floatAt(MemorySegment from, long at) {
    return from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
  }
}
