package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/**
 * Kernel that quantizes rows of F32 to U8 with a scale and zero point per row. A row without elements, a row
 * of zeros and a row whose scale would underflow to 0 have scale 1 and zero point 0. A row with a NaN has
 * scale NaN, one with an infinity or a range that overflows scale Infinity or NaN; zero point and elements of
 * such rows are 0.
 */
public interface DynamicQuantizeKernel extends Kernel {
  /**
   * Quantizes rows.
   *
   * @param src rows of floats, dense, unaligned
   * @param dst rows of U8, dense
   * @param scales takes F32 scales, one per row
   * @param zeroPoints takes S32 zero points, one per row
   * @param rows the number of rows
   * @param columns the length of a row
   */
  void run(MemorySegment src, MemorySegment dst, MemorySegment scales, MemorySegment zeroPoints, int rows,
      long columns);
}
