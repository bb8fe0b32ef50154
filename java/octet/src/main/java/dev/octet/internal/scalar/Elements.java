package dev.octet.internal.scalar;

import dev.octet.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Quantized elements in memory, of 8 bits or of 4 (two to a byte, low nibble first). */
final class Elements {
  private Elements() {}

  /** An element as the integer that it stands for. */
  static int load(MemorySegment src, DataType type, long index) {
    if (type.isByte()) {
      return ScalarOutput.load(src, type, index);
    }
    int pair = src.get(ValueLayout.JAVA_BYTE, index / 2);
    int nibble = (index % 2 == 0 ? pair : pair >>> 4) & 0xf;
    return type == DataType.U4 ? nibble : (nibble ^ 8) - 8;
  }

  /**
   * Stores an element. Those of 4 bits are stored in ascending order: an even one clears the upper half of
   * its byte, the odd one after it fills that half.
   */
  static void store(MemorySegment dst, DataType type, long index, int value) {
    if (type.isByte()) {
      dst.set(ValueLayout.JAVA_BYTE, index, (byte) value);
    } else if (index % 2 == 0) {
      dst.set(ValueLayout.JAVA_BYTE, index / 2, (byte) (value & 0xf));
    } else {
      int low = dst.get(ValueLayout.JAVA_BYTE, index / 2);
      dst.set(ValueLayout.JAVA_BYTE, index / 2, (byte) (value << 4 | low));
    }
  }
}
