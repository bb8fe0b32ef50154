package dev.octet.op;

import dev.octet.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Operands of tests: on or off the heap, at odd addresses, filled with ordinary or extreme values. */
final class TestMemory {
  /** What lies between the rows of an output before a run, and must lie there after it. */
  static final byte UNTOUCHED = 0x5A;

  private TestMemory() {}

  /** So many bytes, off the heap half of the time, often at an odd address. */
  static MemorySegment bytes(Random random, long size) {
    int offset = random.nextInt(4);
    MemorySegment whole = random.nextBoolean()
        ? MemorySegment.ofArray(new byte[Math.toIntExact(size + offset)])
        : Arena.ofAuto().allocate(size + offset);
    return whole.asSlice(offset, size);
  }

  /** Memory for a result, marked everywhere. */
  static MemorySegment output(Random random, long size) {
    return bytes(random, size).fill(UNTOUCHED);
  }

  /** 8-bit values: anything, or the ends of the range, or one end alone. */
  static MemorySegment values(Random random, DataType type, long count) {
    MemorySegment segment = bytes(random, count);
    int mode = random.nextInt(6);
    for (long i = 0; i < count; i++) {
      segment.set(ValueLayout.JAVA_BYTE, i, (byte) value(random, type, mode));
    }
    return segment;
  }

  /** A value of a type in one of 6 modes: 0 the ends of the range, 1 and 2 one end, else anything. */
  static int value(Random random, DataType type, int mode) {
    return switch (mode) {
      case 0 -> random.nextBoolean() ? type.min() : type.max();
      case 1 -> type.min();
      case 2 -> type.max();
      default -> type.min() + random.nextInt(type.max() - type.min() + 1);
    };
  }

  static int zeroPoint(Random random, DataType type) {
    return value(random, type, random.nextInt(6));
  }

  static MemorySegment floats(Random random, float... values) {
    MemorySegment segment = bytes(random, 4L * values.length);
    for (int i = 0; i < values.length; i++) {
      segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, values[i]);
    }
    return segment;
  }

  static MemorySegment ints(Random random, int... values) {
    MemorySegment segment = bytes(random, 4L * values.length);
    for (int i = 0; i < values.length; i++) {
      segment.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * i, values[i]);
    }
    return segment;
  }

  static int get(MemorySegment segment, DataType type, long index) {
    byte b = segment.get(ValueLayout.JAVA_BYTE, index);
    return type == DataType.U8 ? Byte.toUnsignedInt(b) : b;
  }

  static float getFloat(MemorySegment segment, long index) {
    return segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * index);
  }
}
