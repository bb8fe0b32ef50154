package dev.octet.engine;

import java.lang.foreign.MemorySegment;

/** Kernel that quantizes or dequantizes elements. */
public interface QuantizeKernel extends Kernel {
  /**
   * Converts {@code outer x axis x inner} elements, dense. Per channel the parameters of an element are those
   * of its index on the axis; per group those of
   * {@code (outer * groups + index / groupSize) * inner + its inner
   * index}; per tensor the first.
   *
   * @param src the input
   * @param dst the output
   * @param outer the product of the dimensions outside the axis
   * @param axis the length of the axis
   * @param inner the product of the dimensions inside the axis
   */
  void run(MemorySegment src, MemorySegment dst, long outer, long axis, long inner);
}
