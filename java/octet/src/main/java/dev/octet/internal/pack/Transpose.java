package dev.octet.internal.pack;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Transposes byte matrices, by tiles of 128 x 128 that pass through two arrays (16 KB each) and blocks of 8 x
 * 8 in eight longs: three rounds of swaps instead of 64 single bytes.
 */
public final class Transpose {
  private static final int TILE = 128;
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class,
      ByteOrder.LITTLE_ENDIAN);

  private final byte[] in = new byte[TILE * TILE];
  private final byte[] out = new byte[TILE * TILE];

  /** The two arrays, for those who transpose at every run; one thread at a time. */
  public Transpose() {}

  /**
   * {@code dst[column][row] = src[row][column]}, both dense.
   *
   * @param src native or heap, rows x columns bytes
   * @param dst native or heap, columns x rows bytes, disjoint from src
   * @param rows rows of src
   * @param columns columns of src
   */
  public static void bytes(MemorySegment src, MemorySegment dst, int rows, int columns) {
    new Transpose().write(src, 0, columns, dst, 0, rows, rows, columns);
  }

  /**
   * {@code dst[column][row] = src[row][column]}.
   *
   * @param src native or heap
   * @param from the first byte of the first row of src
   * @param srcStride from one row of src to the next
   * @param dst native or heap, disjoint from what is read
   * @param to the first byte of the first row of dst
   * @param dstStride from one row of dst to the next
   * @param rows rows of src
   * @param columns columns of src
   */
  public void write(MemorySegment src, long from, long srcStride, MemorySegment dst, long to, long dstStride,
      int rows, int columns) {
    for (int row = 0; row < rows; row += TILE) {
      int height = Math.min(TILE, rows - row);
      for (int column = 0; column < columns; column += TILE) {
        int width = Math.min(TILE, columns - column);
        for (int i = 0; i < height; i++) {
          MemorySegment.copy(src, ValueLayout.JAVA_BYTE, from + (row + i) * srcStride + column, in, i * TILE,
              width);
        }
        tile(in, out, height, width);
        for (int i = 0; i < width; i++) {
          MemorySegment.copy(out, i * TILE, dst, ValueLayout.JAVA_BYTE, to + (column + i) * dstStride + row,
              height);
        }
      }
    }
  }

  /** Whole blocks only: what lies outside height and width in the arrays is moved too and never read. */
  private static void tile(byte[] in, byte[] out, int height, int width) {
    for (int row = 0; row < height; row += 8) {
      for (int column = 0; column < width; column += 8) {
        block(in, row * TILE + column, out, column * TILE + row);
      }
    }
  }

  private static void block(byte[] in, int from, byte[] out, int to) {
    long a0 = (long) LONG.get(in, from);
    long a1 = (long) LONG.get(in, from + TILE);
    long a2 = (long) LONG.get(in, from + 2 * TILE);
    long a3 = (long) LONG.get(in, from + 3 * TILE);
    long a4 = (long) LONG.get(in, from + 4 * TILE);
    long a5 = (long) LONG.get(in, from + 5 * TILE);
    long a6 = (long) LONG.get(in, from + 6 * TILE);
    long a7 = (long) LONG.get(in, from + 7 * TILE);
    // 4 x 4 bytes: the right half of the upper rows against the left half of the lower ones.
    long mask = 0x00000000ffffffffL;
    long t0 = (a0 >>> 32 ^ a4) & mask;
    long t1 = (a1 >>> 32 ^ a5) & mask;
    long t2 = (a2 >>> 32 ^ a6) & mask;
    long t3 = (a3 >>> 32 ^ a7) & mask;
    a0 ^= t0 << 32;
    a1 ^= t1 << 32;
    a2 ^= t2 << 32;
    a3 ^= t3 << 32;
    a4 ^= t0;
    a5 ^= t1;
    a6 ^= t2;
    a7 ^= t3;
    // 2 x 2 bytes.
    mask = 0x0000ffff0000ffffL;
    t0 = (a0 >>> 16 ^ a2) & mask;
    t1 = (a1 >>> 16 ^ a3) & mask;
    t2 = (a4 >>> 16 ^ a6) & mask;
    t3 = (a5 >>> 16 ^ a7) & mask;
    a0 ^= t0 << 16;
    a1 ^= t1 << 16;
    a4 ^= t2 << 16;
    a5 ^= t3 << 16;
    a2 ^= t0;
    a3 ^= t1;
    a6 ^= t2;
    a7 ^= t3;
    // Single bytes.
    mask = 0x00ff00ff00ff00ffL;
    t0 = (a0 >>> 8 ^ a1) & mask;
    t1 = (a2 >>> 8 ^ a3) & mask;
    t2 = (a4 >>> 8 ^ a5) & mask;
    t3 = (a6 >>> 8 ^ a7) & mask;
    LONG.set(out, to, a0 ^ t0 << 8);
    LONG.set(out, to + TILE, a1 ^ t0);
    LONG.set(out, to + 2 * TILE, a2 ^ t1 << 8);
    LONG.set(out, to + 3 * TILE, a3 ^ t1);
    LONG.set(out, to + 4 * TILE, a4 ^ t2 << 8);
    LONG.set(out, to + 5 * TILE, a5 ^ t2);
    LONG.set(out, to + 6 * TILE, a6 ^ t3 << 8);
    LONG.set(out, to + 7 * TILE, a7 ^ t3);
  }
}
