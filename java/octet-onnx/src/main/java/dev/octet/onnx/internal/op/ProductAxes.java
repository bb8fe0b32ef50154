package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Known;
import java.util.List;

/**
 * The order of axes of operands and result. Operands may have fewer axes than the result, from the last on.
 *
 * @param left the axis of the left input that each axis of the left tensor is
 * @param right likewise
 * @param out the axis of the product that each axis of the result is
 */
public record ProductAxes(List<Integer> left, List<Integer> right, List<Integer> out) {
  /**
   * Whether there is a product: the last axis of the left tensor and of the result, and one of the last two
   * of the right one, are the last ones in memory.
   */
  boolean areOffered() {
    int last = right.size() - 1;
    return isLast(left) && isLast(out) && (isLast(right) || right.get(last - 1) == last);
  }

  private static boolean isLast(List<Integer> axes) {
    return axes.getLast() == axes.size() - 1;
  }

  /** Whether the right matrices lie transposed. */
  boolean isRightTransposed() {
    return !isLast(right);
  }

  /** The shape of the result; null where its rank is not known. */
  long[] shape(Known leftInput, Known rightInput) {
    long[] product = Products.shape(left(leftInput), right(rightInput));
    return product == null
        ? null
        : out.stream().mapToLong(axis -> product[axis]).toArray();
  }

  /** The left tensor. */
  Known left(Known input) {
    return permuted(input, left);
  }

  /** The right tensor. */
  Known right(Known input) {
    return permuted(input, right);
  }

  private static Known permuted(Known tensor, List<Integer> axes) {
    return tensor.hasRank()
        ? Known.of(tensor.type(), axes.stream().mapToLong(axis -> tensor.dims()[axis]).toArray())
        : tensor;
  }
}
