package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/**
 * Kernel of a product of float rows with packed weights; the method of {@link Backend} that made it defines
 * the arithmetic.
 */
public interface FloatMatMulKernel extends Kernel {
  /**
   * Multiplies rows.
   *
   * @param src rows of K floats, unaligned
   * @param srcStride elements from one row of src to the next, at least K
   * @param dst rows of N floats, unaligned, disjoint from src
   * @param dstStride elements from one row of dst to the next, at least N
   * @param rows the number of rows, 0 or more
   */
  void run(MemorySegment src, long srcStride, MemorySegment dst, long dstStride, int rows);
}
