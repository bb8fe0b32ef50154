package dev.octet.onednn;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Signed bytes as sums of two within -64 to 64, {@link Int8Rule.Form#SPLIT}: {@code w1 = w >> 1}, and
 * {@code w2 =
 * w - w1}, which is w1 plus the lowest bit of w.
 */
final class Halves {
  private static final long SIGNS = 0x8080808080808080L;
  private static final long LOWEST = 0x0101010101010101L;

  private Halves() {}

  /**
   * Writes the second summands and turns the bytes into the first ones; eight a step.
   *
   * @param memory native
   * @param offset the first byte
   * @param bytes how many
   * @param second where the first of the second summands goes; behind or before all of the bytes
   */
  static void split(MemorySegment memory, long offset, long bytes, long second) {
    long i = 0;
    for (; i <= bytes - 8; i += 8) {
      long w = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + i);
      memory.set(ValueLayout.JAVA_LONG_UNALIGNED, second + i, second(w));
      memory.set(ValueLayout.JAVA_LONG_UNALIGNED, offset + i, first(w));
    }
    for (; i < bytes; i++) {
      byte w = memory.get(ValueLayout.JAVA_BYTE, offset + i);
      memory.set(ValueLayout.JAVA_BYTE, second + i, (byte) second(w));
      memory.set(ValueLayout.JAVA_BYTE, offset + i, (byte) first(w));
    }
  }

  /** Each byte shifted right by one, its sign kept. */
  private static long first(long w) {
    return ((w >>> 1) & ~SIGNS) | (w & SIGNS);
  }

  /** Each first summand plus the lowest bit; the sign is added apart, so that no carry leaves a byte. */
  private static long second(long w) {
    long first = first(w);
    return ((first & ~SIGNS) + (w & LOWEST)) ^ (first & SIGNS);
  }
}
