package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Known;
import java.lang.foreign.MemorySegment;

/** Sizes of tensors as Octet's ops take them. */
final class Runs {
  private Runs() {}

  /** A number of rows or columns. */
  static int count(String what, long count) {
    if (count > Integer.MAX_VALUE) {
      throw new UnsupportedOperationException(
          what + ": expected at most 2^31 - 1, got " + count + ", which is not offered");
    }
    return (int) count;
  }

  /** The length of an array. */
  static int array(String what, long length) {
    if (length > Integer.MAX_VALUE - 8) {
      throw new UnsupportedOperationException(what + " of more than 2^31 - 9 elements is not offered");
    }
    return (int) length;
  }

  /** Memory from a byte on; from the first one on it is itself, which makes no object. */
  static MemorySegment from(long offset, MemorySegment memory) {
    return offset == 0 ? memory : memory.asSlice(offset);
  }

  /** The rows of a tensor, all axes but the last. */
  static int rows(Known x) {
    long rows = 1;
    for (int axis = 0; axis < x.rank() - 1; axis++) {
      rows *= x.dims()[axis];
    }
    return count("rows", rows);
  }
}
