package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/**
 * Rows of F32 to rows of U8, each with its own scale and zero point. A row of nothing or of zeros has scale 1
 * and zero point 0, as has one whose scale would underflow to 0. A row with a NaN has scale NaN, one with an
 * infinity or a range that overflows scale Infinity or NaN; zero point and elements of such rows are 0.
 */
public interface DynamicQuantizeKernel extends Kernel {
  /**
   * Quantizes.
   *
   * @param src rows of floats, dense, unaligned
   * @param dst rows of U8, dense
   * @param scales F32, one a row
   * @param zeroPoints S32, one a row
   * @param rows the number of rows
   * @param columns the length of a row
   */
  void run(MemorySegment src, MemorySegment dst, MemorySegment scales, MemorySegment zeroPoints, int rows,
      long columns);
}
