package dev.octet.op;

import dev.octet.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Small operands written as numbers, and results read as numbers. */
final class Memory {
  private Memory() {}

  /** One byte a number, signed or unsigned. */
  static MemorySegment bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return MemorySegment.ofArray(bytes);
  }

  /** At an odd address, so that a kernel which wants alignment fails. */
  static MemorySegment floats(float... values) {
    MemorySegment segment = odd(4L * values.length);
    for (int i = 0; i < values.length; i++) {
      segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, values[i]);
    }
    return segment;
  }

  /** At an odd address. */
  static MemorySegment ints(int... values) {
    MemorySegment segment = odd(4L * values.length);
    for (int i = 0; i < values.length; i++) {
      segment.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * i, values[i]);
    }
    return segment;
  }

  /** Bytes at an odd address, filled with a pattern that no result is made of. */
  static MemorySegment odd(long size) {
    return MemorySegment.ofArray(new byte[Math.toIntExact(size) + 1]).asSlice(1).fill((byte) 0xa5);
  }

  /** The first elements as integers. */
  static int[] integers(DataType type, MemorySegment segment, int count) {
    int[] result = new int[count];
    for (int i = 0; i < count; i++) {
      result[i] = switch (type) {
        case U8 -> segment.get(ValueLayout.JAVA_BYTE, i) & 0xff;
        case S8 -> segment.get(ValueLayout.JAVA_BYTE, i);
        case U4 -> (segment.get(ValueLayout.JAVA_BYTE, i / 2) >> (4 * (i % 2))) & 15;
        case S4 -> (segment.get(ValueLayout.JAVA_BYTE, i / 2) << (28 - 4 * (i % 2))) >> 28;
        case S32 -> segment.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i);
        case F32 -> throw new IllegalArgumentException("F32");
      };
    }
    return result;
  }

  /** The first elements as floats. */
  static float[] reals(MemorySegment segment, int count) {
    float[] result = new float[count];
    for (int i = 0; i < count; i++) {
      result[i] = segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
    }
    return result;
  }

  /** All numbers of an 8-bit type, for exhaustive tests. */
  static int[] all(DataType type) {
    int[] all = new int[256];
    Arrays.setAll(all, i -> type.min() + i);
    return all;
  }
}
