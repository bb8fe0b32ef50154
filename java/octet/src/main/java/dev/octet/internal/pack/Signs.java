package dev.octet.internal.pack;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Between signed and unsigned bytes: one XOR adds 128 modulo 256. */
public final class Signs {
  private static final long FLIP = 0x8080808080808080L;

  private Signs() {}

  /**
   * Copies bytes and adds 128 to each: S8 carried as U8, or U8 as S8.
   *
   * <p>
   * A bulk copy, then eight bytes a step in place: the loop sees one kind of segment only, whatever the
   * source is, and is bound by its store.
   *
   * @param src native or heap
   * @param srcOffset the first byte to read
   * @param dst native, disjoint from what is read
   * @param dstOffset the first byte to write
   * @param bytes how many
   */
  public static void flip(MemorySegment src, long srcOffset, MemorySegment dst, long dstOffset, long bytes) {
    MemorySegment.copy(src, srcOffset, dst, dstOffset, bytes);
    flip(dst, dstOffset, bytes);
  }

  /**
   * Adds 128 to bytes in place.
   *
   * @param memory native
   * @param offset the first byte
   * @param bytes how many
   */
  public static void flip(MemorySegment memory, long offset, long bytes) {
    long i = 0;
    for (; i <= bytes - 8; i += 8) {
      long at = offset + i;
      memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at, memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at) ^ FLIP);
    }
    for (; i < bytes; i++) {
      long at = offset + i;
      memory.set(ValueLayout.JAVA_BYTE, at, (byte) (memory.get(ValueLayout.JAVA_BYTE, at) ^ 0x80));
    }
  }

  /**
   * The same for rows; the result is dense.
   *
   * @param src native or heap
   * @param srcOffset the first byte of the first row
   * @param srcStride bytes from one row to the next
   * @param dst native, disjoint from what is read
   * @param dstOffset the first byte to write
   * @param rows how many
   * @param columns bytes of a row
   */
  public static void flipRows(MemorySegment src, long srcOffset, long srcStride, MemorySegment dst,
      long dstOffset, int rows, int columns) {
    if (srcStride == columns) {
      flip(src, srcOffset, dst, dstOffset, (long) rows * columns);
      return;
    }
    for (int row = 0; row < rows; row++) {
      flip(src, srcOffset + row * srcStride, dst, dstOffset + (long) row * columns, columns);
    }
  }
}
