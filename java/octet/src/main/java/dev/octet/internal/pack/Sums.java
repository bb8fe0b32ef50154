package dev.octet.internal.pack;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Sums of 8-bit matrices along rows and columns, for compensation. */
public final class Sums {
  private static final long EVEN_BYTES = 0x00ff00ff00ff00ffL;
  private static final long EVEN_SHORTS = 0x0000ffff0000ffffL;
  /** Longs whose two bytes a lane fit 16 bits: 128 * 510 = 65,280. */
  private static final int BURST = 128;
  private static final int COLUMNS = 1024;
  private static final long SIGNS = 0x8080808080808080L;
  /** Rows whose bytes fit a lane of 16 bits: 257 * 255 = 65,535. */
  private static final int ROWS = 257;
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
    ColumnSums columns = new ColumnSums();
    for (int first = 0; first < n; first += COLUMNS) {
      columns.write(matrix, first, n, k, Math.min(COLUMNS, n - first), sums, first);
    }
    return sums;
  }

  /** The arrays that columns are summed up in, for those who do it at every run. */
  public static final class ColumnSums {
    private final byte[] row = new byte[COLUMNS];
    private final long[] even = new long[COLUMNS / 8];
    private final long[] odd = new long[COLUMNS / 8];

    /** For one thread at a time. */
    public ColumnSums() {}

    /**
     * Writes the sum of each column of an S8 matrix.
     *
     * @param matrix native or heap
     * @param offset the first byte of the first row
     * @param stride bytes from one row to the next
     * @param k rows
     * @param width columns, at most 1024
     * @param sums one a column, from first on, modulo 2^32
     * @param first the first element of sums
     */
    public void write(MemorySegment matrix, long offset, long stride, int k, int width, int[] sums,
        int first) {
      Arrays.fill(sums, first, first + width, 0);
      for (int from = 0; from < k; from += ROWS) {
        int to = Math.min(k, from + ROWS);
        Arrays.fill(even, 0);
        Arrays.fill(odd, 0);
        for (int i = from; i < to; i++) {
          MemorySegment.copy(matrix, ValueLayout.JAVA_BYTE, offset + i * stride, row, 0, width);
          add(row, even, odd, Math.ceilDiv(width, 8));
        }
        for (int c = 0; c < width; c++) {
          long[] lanes = c % 2 == 0 ? even : odd;
          sums[first + c] += (int) ((lanes[c / 8] >>> (c % 8 / 2 * 16)) & 0xffff) - 128 * (to - from);
        }
      }
    }
  }

  /**
   * Eight columns a step: unsigned by 128 more, in lanes of 16 bits, those of even and of odd columns apart.
   */
  private static void add(byte[] row, long[] even, long[] odd, int words) {
    for (int i = 0; i < words; i++) {
      long bytes = (long) LONG.get(row, 8 * i) ^ SIGNS;
      even[i] += bytes & EVEN_BYTES;
      odd[i] += bytes >>> 8 & EVEN_BYTES;
    }
  }
}
