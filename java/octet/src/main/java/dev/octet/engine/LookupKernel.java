package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** Kernel that replaces bytes by entries of a table of 256 bytes. */
public interface LookupKernel extends Kernel {
  /**
   * Replaces each byte by its entry of the table.
   *
   * @param src the bytes
   * @param dst takes the entries; either the same memory as src or disjoint from it
   * @param count the number of bytes
   */
  void run(MemorySegment src, MemorySegment dst, long count);
}
