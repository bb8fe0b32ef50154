package dev.octet.engine;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Kernel of a concatenation of tensors, each requantized to the scale and zero point of the output. */
public interface ConcatKernel extends Kernel {
  /**
   * Concatenates along one axis.
   *
   * @param inputs the inputs, in the order of the spec; the list is not kept
   * @param lengths for each input, the length of the axis times the product of the dimensions inside the
   *        axis; not kept
   * @param dst takes the output
   * @param outer the product of the dimensions outside the axis
   */
  void run(List<MemorySegment> inputs, long[] lengths, MemorySegment dst, long outer);
}
