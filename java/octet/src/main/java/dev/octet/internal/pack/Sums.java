package dev.octet.internal.pack;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Sums of 8-bit matrices along rows and columns, for compensation. */
public final class Sums {
  private static final long EVEN_BYTES = 0x00ff00ff00ff00ffL;
  private static final long EVEN_SHORTS = 0x0000ffff0000ffffL;
  /** Longs whose two bytes a lane fit 16 bits: 128 * 510 = 65,280. */
  private static final int BURST = 128;
  private static final long SIGNS = 0x8080808080808080L;
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class,
      ByteOrder.LITTLE_ENDIAN);

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

  /**
   * The sum of S8 values: those of the same values plus 128, less what is too much.
   *
   * @param src native
   * @param offset the first byte
   * @param count how many, at most 8,421,504
   * @return the sum
   */
  public static int signed(MemorySegment src, long offset, int count) {
    return sum(src, offset, count, SIGNS) - 128 * count;
  }

  private static int sum(MemorySegment src, long offset, int count, long flip) {
    int sum = 0;
    int i = 0;
    while (i <= count - 8) {
      int end = Math.min(count - 7, i + 8 * BURST);
      long lanes = 0;
      for (; i < end; i += 8) {
        lanes += pairs(src.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + i) ^ flip);
      }
      sum += total(lanes);
    }
    for (; i < count; i++) {
      sum += (src.get(ValueLayout.JAVA_BYTE, offset + i) ^ (int) flip) & 0xff;
    }
    return sum;
  }

  /**
   * The sum of the first U8 values of an array.
   *
   * @param src the array
   * @param count how many
   * @return the sum
   */
  public static int unsigned(byte[] src, int count) {
    int sum = 0;
    int i = 0;
    while (i <= count - 8) {
      int end = Math.min(count - 7, i + 8 * BURST);
      long lanes = 0;
      for (; i < end; i += 8) {
        lanes += pairs((long) LONG.get(src, i));
      }
      sum += total(lanes);
    }
    for (; i < count; i++) {
      sum += src[i] & 0xff;
    }
    return sum;
  }

  /** Four sums of two bytes each, in 16-bit lanes. */
  private static long pairs(long bytes) {
    return (bytes & EVEN_BYTES) + (bytes >>> 8 & EVEN_BYTES);
  }

  private static int total(long lanes) {
    long two = (lanes & EVEN_SHORTS) + (lanes >>> 16 & EVEN_SHORTS);
    return (int) two + (int) (two >>> 32);
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
    new ColumnSums().add(matrix, 0, n, k, n, sums, 0);
    return sums;
  }
}
