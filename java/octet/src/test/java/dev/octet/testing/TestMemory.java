package dev.octet.testing;

import dev.octet.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Operands of tests: drawn, on or off the heap, at odd addresses, with ordinary or extreme values; or written
 * as numbers, at odd addresses; and results read as numbers.
 */
public final class TestMemory {
  private TestMemory() {}

  /** So many bytes, off the heap half of the time, often at an odd address. */
  public static MemorySegment bytes(Dice dice, long size) {
    int offset = dice.between(0, 3);
    MemorySegment whole = dice.oneIn(2)
        ? MemorySegment.ofArray(new byte[Math.toIntExact(size + offset)])
        : Arena.ofAuto().allocate(size + offset);
    return whole.asSlice(offset, size);
  }

  /** Memory for a result, marked everywhere. */
  public static MemorySegment output(Dice dice, long size) {
    return bytes(dice, size).fill(Operands.GAP);
  }

  /** 8-bit values: anything, or the ends of the range, or one end alone. */
  public static MemorySegment values(Dice dice, DataType type, long count) {
    MemorySegment segment = bytes(dice, count);
    int mode = dice.between(0, 5);
    for (long i = 0; i < count; i++) {
      segment.set(ValueLayout.JAVA_BYTE, i, (byte) value(dice, type, mode));
    }
    return segment;
  }

  /** A value of a type in one of 6 modes: 0 the ends of the range, 1 and 2 one end, else anything. */
  public static int value(Dice dice, DataType type, int mode) {
    return switch (mode) {
      case 0 -> dice.oneIn(2) ? type.min() : type.max();
      case 1 -> type.min();
      case 2 -> type.max();
      default -> dice.between(type.min(), type.max());
    };
  }

  public static MemorySegment floats(Dice dice, float... values) {
    return copy(bytes(dice, 4L * values.length), values);
  }

  public static MemorySegment ints(Dice dice, int... values) {
    return copy(bytes(dice, 4L * values.length), values);
  }

  public static int get(MemorySegment segment, DataType type, long index) {
    byte b = segment.get(ValueLayout.JAVA_BYTE, index);
    return type == DataType.U8 ? Byte.toUnsignedInt(b) : b;
  }

  public static float getFloat(MemorySegment segment, long index) {
    return segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * index);
  }

  /** One byte a number, signed or unsigned. */
  public static MemorySegment bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return MemorySegment.ofArray(bytes);
  }

  /** At an odd address, so that a kernel which wants alignment fails. */
  public static MemorySegment floats(float... values) {
    return copy(odd(4L * values.length), values);
  }

  /** At an odd address. */
  public static MemorySegment ints(int... values) {
    return copy(odd(4L * values.length), values);
  }

  /** Bytes at an odd address, filled with a pattern that no result is made of. */
  public static MemorySegment odd(long size) {
    return MemorySegment.ofArray(new byte[Math.toIntExact(size) + 1]).asSlice(1).fill(Operands.GAP);
  }

  /** The first elements as integers. */
  public static int[] integers(DataType type, MemorySegment segment, int count) {
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
  public static float[] reals(MemorySegment segment, int count) {
    float[] result = new float[count];
    for (int i = 0; i < count; i++) {
      result[i] = segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
    }
    return result;
  }

  /** All numbers of an 8-bit type, for exhaustive tests. */
  public static int[] all(DataType type) {
    int[] all = new int[256];
    Arrays.setAll(all, i -> type.min() + i);
    return all;
  }

  private static MemorySegment copy(MemorySegment segment, float[] values) {
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, values.length);
    return segment;
  }

  private static MemorySegment copy(MemorySegment segment, int[] values) {
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_INT_UNALIGNED, 0, values.length);
    return segment;
  }
}
