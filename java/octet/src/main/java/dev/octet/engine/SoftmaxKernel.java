package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** Kernel that makes probabilities of rows of scores. */
public interface SoftmaxKernel extends Kernel {
  /**
   * Works on rows.
   *
   * @param src {@code [rows][columns]} of F32, dense
   * @param mask {@code [columns]} of F32, added to every row; null where there is none
   * @param dst takes {@code [rows][columns]} of F32; the same memory as src, or disjoint from both operands
   * @param rows the number of rows
   * @param columns the length of a row
   */
  void run(MemorySegment src, MemorySegment mask, MemorySegment dst, long rows, int columns);
}
