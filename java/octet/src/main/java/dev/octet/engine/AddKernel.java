package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** Sum of two quantized tensors. */
public interface AddKernel extends Kernel {
  /**
   * Adds.
   *
   * @param left the first operand
   * @param right the second operand
   * @param dst the result; the same memory as an operand, or disjoint from it
   * @param count the number of elements
   */
  void run(MemorySegment left, MemorySegment right, MemorySegment dst, long count);
}
