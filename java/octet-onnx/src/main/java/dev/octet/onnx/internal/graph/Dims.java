package dev.octet.onnx.internal.graph;

import dev.octet.onnx.value.ElementType;
import java.util.Arrays;

/** Shapes with dimensions that may not be known, by the rules of ONNX. */
public final class Dims {
  private Dims() {}

  /**
   * The shape that two shapes are broadcast to.
   *
   * @param a the dimensions; null where their number is not known
   * @param b likewise
   * @return likewise
   * @throws IllegalArgumentException if they do not fit each other
   */
  public static long[] broadcast(long[] a, long[] b) {
    if (a == null || b == null) {
      return null;
    }
    long[] result = new long[Math.max(a.length, b.length)];
    for (int axis = 0; axis < result.length; axis++) {
      int ofA = axis - result.length + a.length;
      int ofB = axis - result.length + b.length;
      long x = ofA < 0 ? 1 : a[ofA];
      long y = ofB < 0 ? 1 : b[ofB];
      if (x >= 0 && y >= 0 && x != y && x != 1 && y != 1) {
        throw new IllegalArgumentException(
            "shapes " + Known.of(ElementType.OTHER, a).shape() + " and "
                + Known.of(ElementType.OTHER, b).shape() + " do not fit each other");
      }
      result[axis] = x == 1 ? y : y == 1 ? x : Math.max(x, y);
    }
    return result;
  }

  /**
   * An axis counted from the start.
   *
   * @throws IllegalArgumentException if there is no such axis
   */
  public static int axis(String name, long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw new IllegalArgumentException(
          name + ": expected an axis from " + -rank + " to " + (rank - 1) + ", got " + axis);
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /**
   * Axes counted from the start, in ascending order.
   *
   * @throws IllegalArgumentException if there is no such axis, or one is there twice
   */
  public static int[] axes(String name, long[] axes, int rank) {
    int[] result = Arrays.stream(axes).mapToInt(axis -> axis(name, axis, rank)).sorted().toArray();
    for (int i = 1; i < result.length; i++) {
      if (result[i] == result[i - 1]) {
        throw new IllegalArgumentException(name + ": axis " + result[i] + " is there twice");
      }
    }
    return result;
  }

  /** A number of dimensions of which none is known. */
  public static long[] unknown(int rank) {
    long[] result = new long[rank];
    Arrays.fill(result, Known.UNKNOWN);
    return result;
  }

  /** The product of the dimensions from one to before another, all of which are known. */
  public static long product(long[] dims, int from, int to) {
    long product = 1;
    for (int axis = from; axis < to; axis++) {
      product *= dims[axis];
    }
    return product;
  }
}
