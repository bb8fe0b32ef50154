package dev.octet.engine;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Kernel of a product of 8-bit rows with packed weights. */
public interface MatMulKernel extends Kernel {
  /**
   * Multiplies rows.
   *
   * @param src rows of K elements
   * @param srcStride elements from one row of src to the next, at least K
   * @param rowScales F32 scale of each row, unaligned; null unless the input is per row
   * @param rowZeroPoints S32 zero point of each row, unaligned; null unless the input is per row, and null if
   *        all are 0
   * @param dst rows of N elements, disjoint from src
   * @param dstStride elements from one row of dst to the next, at least N
   * @param rows the number of rows, 0 or more
   */
  void run(MemorySegment src, long srcStride, @Nullable MemorySegment rowScales,
      @Nullable MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows);
}
