package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** A table of 256 entries applied to bytes. */
public interface LookupKernel extends Kernel {
  /**
   * Looks up.
   *
   * @param src the bytes
   * @param dst the result; the same memory as src, or disjoint
   * @param count the number of bytes
   */
  void run(MemorySegment src, MemorySegment dst, long count);
}
