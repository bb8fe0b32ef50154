package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Op;
import java.util.List;

/** A product of two inputs of the run that can take them, and give its result, in another order of axes. */
public interface TransposedProduct extends Op {
  /**
   * The same with other orders of axes.
   *
   * @param left the axis of the left input that each axis of the left tensor is
   * @param right likewise
   * @param out the axis of the product that each axis of the result is
   * @return null where it is not offered
   */
  Op with(List<Integer> left, List<Integer> right, List<Integer> out);
}
