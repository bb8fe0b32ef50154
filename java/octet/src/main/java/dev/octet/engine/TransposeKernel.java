package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** Kernel that transposes matrices of bytes. */
public interface TransposeKernel extends Kernel {
  /**
   * Transposes a batch of matrices.
   *
   * @param src {@code [batch][rows][columns]}, dense
   * @param dst {@code [batch][columns][rows]}, dense, disjoint from src
   * @param batch the number of matrices
   * @param rows of a matrix
   * @param columns of a matrix
   */
  void run(MemorySegment src, MemorySegment dst, int batch, long rows, long columns);
}
