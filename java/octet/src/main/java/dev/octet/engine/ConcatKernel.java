package dev.octet.engine;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Tensors side by side, each requantized to the output's parameters. */
public interface ConcatKernel extends Kernel {
  /**
   * Concatenates along one axis.
   *
   * @param inputs as many as the spec has; the list belongs to the call and is not kept
   * @param lengths of each input: axis length times the product of the dimensions inside the axis; not kept
   *        either
   * @param dst the result
   * @param outer the product of the dimensions outside the axis
   */
  void run(List<MemorySegment> inputs, long[] lengths, MemorySegment dst, long outer);
}
