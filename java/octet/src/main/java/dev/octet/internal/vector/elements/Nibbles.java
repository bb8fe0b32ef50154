package dev.octet.internal.vector.elements;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Between bytes and elements of 4 bits, two to a byte, the first one in the lower half. Eight a step:
 * compress and expand are one instruction on most x86-64.
 */
final class Nibbles {
  private static final long LOW = 0x0f0f0f0f0f0f0f0fL;
  private static final long SIGNS = 0x0808080808080808L;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);

  private Nibbles() {}

  /** The lower halves of bytes, from the first one of src on; behind an odd count comes a 0. */
  static void pack(MemorySegment src, int count, MemorySegment dst, long dstAt) {
    int i = 0;
    for (; i <= count - 8; i += 8) {
      dst.set(INT, dstAt + i / 2, (int) Long.compress(src.get(LONG, i), LOW));
    }
    for (; i < count; i += 2) {
      int high = i + 1 < count ? src.get(ValueLayout.JAVA_BYTE, i + 1) : 0;
      dst.set(ValueLayout.JAVA_BYTE, dstAt + i / 2,
          (byte) ((src.get(ValueLayout.JAVA_BYTE, i) & 0xf) | (high << 4)));
    }
  }

  /** Unsigned bytes, to the first one of dst on; signed nibbles are 8 more than they stand for. */
  static void unpack(MemorySegment src, long srcAt, boolean signed, MemorySegment dst, int count) {
    long flip = signed ? SIGNS : 0;
    int i = 0;
    for (; i <= count - 8; i += 8) {
      dst.set(LONG, i, Long.expand(src.get(INT, srcAt + i / 2), LOW) ^ flip);
    }
    for (; i < count; i++) {
      int pair = src.get(ValueLayout.JAVA_BYTE, srcAt + i / 2) >>> (i % 2 * 4);
      dst.set(ValueLayout.JAVA_BYTE, i, (byte) ((pair ^ (int) flip) & 0xf));
    }
  }
}
