package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** A {@link BinarySpec}, ready to run. */
public interface BinaryKernel extends Kernel {
  /**
   * Works on operands of one shape.
   *
   * @param left the first operand
   * @param right the second operand
   * @param dst the result; the same memory as an operand, or disjoint from it
   * @param count the number of elements
   */
  void run(MemorySegment left, MemorySegment right, MemorySegment dst, long count);

  /**
   * Works on operands that are broadcast.
   *
   * @param left the first operand
   * @param right the second operand
   * @param dst the result, dense; the same memory as an operand that has all its elements, else disjoint
   * @param layout where the operands of each element lie; not empty
   */
  void run(MemorySegment left, MemorySegment right, MemorySegment dst, PairLayout layout);
}
