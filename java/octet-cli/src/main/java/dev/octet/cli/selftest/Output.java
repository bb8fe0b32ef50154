package dev.octet.cli.selftest;

import dev.octet.DataType;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A result as it lies in memory, what lies between its rows included.
 *
 * @param name what the op calls it
 * @param type of the elements
 * @param shape with the stride of rows as the last dimension, so that a position is row and column
 * @param data the memory
 */
record Output(String name, DataType type, Shape shape, MemorySegment data) {
  /** Whether an element has the same bits in both. */
  boolean same(Output other, long index) {
    return bits(index) == other.bits(index);
  }

  float real(long index) {
    return data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * index);
  }

  private int bits(long index) {
    return switch (type.bits()) {
      case 4 -> (data.get(ValueLayout.JAVA_BYTE, index / 2) >> (index % 2 * 4)) & 0xf;
      case 8 -> data.get(ValueLayout.JAVA_BYTE, index);
      default -> data.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * index);
    };
  }

  /** An element for people. */
  String show(long index) {
    return switch (type) {
      case F32 -> "%s (0x%08x)".formatted(real(index), bits(index));
      case U8 -> Integer.toString(bits(index) & 0xff);
      case S4 -> Integer.toString((bits(index) ^ 8) - 8);
      case U4, S8, S32 -> Integer.toString(bits(index));
    };
  }

  /** Where an element lies, for people. */
  String position(long index) {
    return name + Arrays.toString(shape.position(index));
  }
}
