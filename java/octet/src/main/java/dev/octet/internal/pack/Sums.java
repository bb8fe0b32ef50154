package dev.octet.internal.pack;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Sums of 8-bit matrices along rows and columns, for compensation. */
public final class Sums {
  private static final long EVEN_BYTES = 0x00ff00ff00ff00ffL;
  private static final long EVEN_SHORTS = 0x0000ffff0000ffffL;
  /** Longs whose two bytes a lane fit 16 bits: 128 * 510 = 65,280. */
  private static final int BURST = 128;
  private static final int COLUMNS = 1024;

  private Sums() {}

  /**
   * The sum of U8 values: eight a step in 16-bit lanes.
   *
   * @param src native
   * @param offset the first byte
   * @param count how many, at most 8,421,504 (the sum fits an int)
   * @return the sum
   */
  public static int unsigned(MemorySegment src, long offset, int count) {
    int sum = 0;
    int i = 0;
    while (i <= count - 8) {
      int end = Math.min(count - 7, i + 8 * BURST);
      long lanes = 0;
      for (; i < end; i += 8) {
        long v = src.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + i);
        lanes += (v & EVEN_BYTES) + (v >>> 8 & EVEN_BYTES);
      }
      lanes = (lanes & EVEN_SHORTS) + (lanes >>> 16 & EVEN_SHORTS);
      sum += (int) lanes + (int) (lanes >>> 32);
    }
    for (; i < count; i++) {
      sum += src.get(ValueLayout.JAVA_BYTE, offset + i) & 0xff;
    }
    return sum;
  }

  /**
   * The sum of each row of a U8 matrix.
   *
   * @param src native
   * @param offset the first byte of the first row
   * @param stride bytes from one row to the next
   * @param rows how many
   * @param columns bytes of a row
   * @param sums S32, written from sumsOffset (in elements) on
   * @param sumsOffset the first element to write
   */
  public static void rowsUnsigned(MemorySegment src, long offset, long stride, int rows, int columns,
      MemorySegment sums, long sumsOffset) {
    for (int row = 0; row < rows; row++) {
      sums.set(ValueLayout.JAVA_INT_UNALIGNED, 4 * (sumsOffset + row),
          unsigned(src, offset + row * stride, columns));
    }
  }

  /**
   * The sum of each column of a dense S8 matrix.
   *
   * @param matrix k rows of n bytes
   * @param k rows
   * @param n columns
   * @return n sums, modulo 2^32
   */
  public static int[] columns(MemorySegment matrix, int k, int n) {
    int[] sums = new int[n];
    byte[] row = new byte[Math.min(n, COLUMNS)];
    for (int first = 0; first < n; first += COLUMNS) {
      int width = Math.min(COLUMNS, n - first);
      for (int i = 0; i < k; i++) {
        MemorySegment.copy(matrix, ValueLayout.JAVA_BYTE, (long) i * n + first, row, 0, width);
        add(row, sums, first, width);
      }
    }
    return sums;
  }

  private static void add(byte[] row, int[] sums, int first, int width) {
    for (int i = 0; i < width; i++) {
      sums[first + i] += row[i];
    }
  }
}
