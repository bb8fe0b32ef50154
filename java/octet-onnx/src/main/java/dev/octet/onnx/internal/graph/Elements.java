package dev.octet.onnx.internal.graph;

import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Elements in memory, one at a time, for what is short: shapes, indices, scales. */
public final class Elements {
  /** As elements lie in memory: at any alignment, in the byte order of the machine. */
  public static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  /** Likewise. */
  public static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  /** Likewise. */
  public static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  /** Likewise. */
  public static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private Elements() {}

  /** Reads an element of an integer type, or BOOL. */
  public static long integer(MemorySegment data, ElementType type, long index) {
    return switch (type) {
      case I64 -> data.get(LONG, 8 * index);
      case I32 -> data.get(INT, 4 * index);
      case I8 -> data.get(BYTE, index);
      case U8, BOOL -> data.get(BYTE, index) & 0xff;
      case F32, OTHER -> throw new IllegalStateException(type.name());
    };
  }

  /** Writes an element of an integer type, or BOOL; the bits that it has no place for are cut off. */
  public static void put(MemorySegment data, ElementType type, long index, long value) {
    switch (type) {
      case I64 -> data.set(LONG, 8 * index, value);
      case I32 -> data.set(INT, 4 * index, (int) value);
      case I8, U8, BOOL -> data.set(BYTE, index, (byte) value);
      case F32, OTHER -> throw new IllegalStateException(type.name());
    }
  }

  /** Reads an F32 element. */
  public static float real(MemorySegment data, long index) {
    return data.get(FLOAT, 4 * index);
  }

  /** Returns whether all numbers are finite. */
  public static boolean areFinite(float... numbers) {
    boolean all = true;
    for (float number : numbers) {
      all &= Float.isFinite(number);
    }
    return all;
  }

  /** Reads all F32 elements of a constant. */
  public static float[] floats(Known constant) {
    float[] result = new float[Math.toIntExact(constant.elements())];
    MemorySegment.copy(constant.data(), FLOAT, 0, result, 0, result.length);
    return result;
  }
}
