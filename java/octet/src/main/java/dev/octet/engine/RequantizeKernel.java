package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** Kernel that converts S32 accumulators to 8 bits. */
public interface RequantizeKernel extends Kernel {
  /**
   * Requantizes rows.
   *
   * @param src rows of S32, one column a channel, dense, unaligned
   * @param dst rows of 8-bit values, dense
   * @param rows the number of rows
   * @param channels the length of a row
   */
  void run(MemorySegment src, MemorySegment dst, long rows, int channels);
}
