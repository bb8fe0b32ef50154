package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** Kernel for a {@link LayerNormSpec}. */
public interface LayerNormKernel extends Kernel {
  /**
   * Works on rows.
   *
   * @param src {@code [rows][columns]} of F32, dense
   * @param residual {@code [rows][columns]} of F32, added first; null where there is none
   * @param dst takes {@code [rows][columns]} of F32; the same memory as src, or disjoint from both operands
   * @param rows the number of rows
   */
  void run(MemorySegment src, MemorySegment residual, MemorySegment dst, long rows);
}
