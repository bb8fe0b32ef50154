package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** Float rows times packed weights, float out; what happens inside is the spec's. */
public interface FloatMatMulKernel extends Kernel {
  /**
   * Multiplies.
   *
   * @param src rows of K floats, unaligned
   * @param srcStride elements from one row of src to the next, at least K
   * @param dst rows of N floats, unaligned, disjoint from src
   * @param dstStride elements from one row of dst to the next, at least N
   * @param rows the number of rows, 0 or more
   */
  void run(MemorySegment src, long srcStride, MemorySegment dst, long dstStride, int rows);
}
