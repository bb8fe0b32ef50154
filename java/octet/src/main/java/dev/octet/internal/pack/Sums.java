package dev.octet.internal.pack;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Sums of 8-bit matrices along rows and columns, for compensation. */
public final class Sums {
  private static final long FLIP = 0x8080808080808080L;
  private static final long EVEN_BYTES = 0x00ff00ff00ff00ffL;
  private static final long EVEN_SHORTS = 0x0000ffff0000ffffL;
  /** Longs whose two bytes a lane fit 16 bits: 128 * 510 = 65,280. */
  private static final int BURST = 128;
  private static final int COLUMNS = 1024; // of a row that passes through an array at once

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
    return sum(src, offset, count, 0);
  }

  private static int sum(MemorySegment src, long offset, int count, long flip) {
    int sum = 0;
    int i = 0;
    while (i <= count - 8) {
      int end = Math.min(count - 7, i + 8 * BURST);
      long lanes = 0;
      for (; i < end; i += 8) {
        long v = src.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + i) ^ flip;
        lanes += (v & EVEN_BYTES) + (v >>> 8 & EVEN_BYTES);
      }
      lanes = (lanes & EVEN_SHORTS) + (lanes >>> 16 & EVEN_SHORTS);
      sum += (int) lanes + (int) (lanes >>> 32);
    }
    for (; i < count; i++) {
      sum += (src.get(ValueLayout.JAVA_BYTE, offset + i) ^ (int) flip) & 0xff;
    }
    return sum;
  }

  /**
   * The sum of S8 values: those of the same values plus 128, less what is too much.
   *
   * @param src native
   * @param offset the first byte
   * @param count how many, at most 8,421,504
   * @return the sum
   */
  public static int signed(MemorySegment src, long offset, int count) {
    return sum(src, offset, count, FLIP) - 128 * count;
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
      addColumns(matrix, first, n, k, row, Math.min(COLUMNS, n - first), sums, first);
    }
    return sums;
  }

  /**
   * Adds the sum of each column of an S8 matrix.
   *
   * @param matrix native or heap
   * @param offset the first byte of the first row
   * @param stride bytes from one row to the next
   * @param k rows
   * @param row passed through by each row; at least width bytes
   * @param width columns
   * @param sums one a column, from first on, modulo 2^32
   * @param first the first element of sums
   */
  public static void addColumns(MemorySegment matrix, long offset, long stride, int k, byte[] row, int width,
      int[] sums, int first) {
    for (int i = 0; i < k; i++) {
      MemorySegment.copy(matrix, ValueLayout.JAVA_BYTE, offset + i * stride, row, 0, width);
      add(row, sums, first, width);
    }
  }

  private static void add(byte[] row, int[] sums, int first, int width) {
    for (int i = 0; i < width; i++) {
      sums[first + i] += row[i];
    }
  }
}
