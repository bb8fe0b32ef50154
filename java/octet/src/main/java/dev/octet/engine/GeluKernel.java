package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** Kernel that applies GELU to floats. */
public interface GeluKernel extends Kernel {
  /**
   * Works on elements.
   *
   * @param src the elements, F32
   * @param dst takes the results, F32; the same memory as src, or disjoint from it
   * @param count the number of elements
   */
  void run(MemorySegment src, MemorySegment dst, long count);
}
