package dev.octet;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Dimensions of a tensor, outermost first, in row-major order. Immutable. A dimension may be 0 (an empty
 * tensor); rank 0 is a scalar with one element. The number of elements always fits a long.
 */
public final class Shape {
  private final long[] dims;
  private final long elements;

  private Shape(long[] dims) {
    this.dims = dims;
    boolean empty = false;
    for (int axis = 0; axis < dims.length; axis++) {
      if (dims[axis] < 0) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(dims) + ": dimension " + axis + " is negative");
      }
      empty |= dims[axis] == 0;
    }
    this.elements = empty ? 0 : product(dims);
  }

  private static long product(long[] dims) {
    long product = 1;
    for (long dim : dims) {
      try {
        product = Math.multiplyExact(product, dim);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(dims) + ": number of elements overflows 64 bits", e);
      }
    }
    return product;
  }

  /**
   * Returns a shape with the given dimensions.
   *
   * @param dims the dimensions, outermost first; none for a scalar
   * @return the shape
   * @throws IllegalArgumentException if a dimension is negative or the number of elements overflows a long
   */
  public static Shape of(long... dims) {
    return new Shape(Objects.requireNonNull(dims, "dims").clone());
  }

  /**
   * Returns the number of dimensions.
   *
   * @return the rank, 0 for a scalar
   */
  public int rank() {
    return dims.length;
  }

  /**
   * Returns the length of an axis.
   *
   * @param axis 0 for the outermost, up to rank - 1
   * @return the length of the axis
   * @throws IndexOutOfBoundsException if the axis is not within 0 to rank - 1
   */
  public long dim(int axis) {
    return dims[axis];
  }

  /**
   * Returns the length of an axis as an int.
   *
   * @param axis 0 for the outermost, up to rank - 1
   * @return the length of the axis
   * @throws IndexOutOfBoundsException if the axis is not within 0 to rank - 1
   * @throws IllegalArgumentException if the length exceeds the int range
   */
  public int intDim(int axis) {
    long dim = dims[axis];
    if (dim > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("shape " + this + ": dimension " + axis + " exceeds 2^31 - 1");
    }
    return (int) dim;
  }

  /**
   * Returns the number of elements.
   *
   * @return the product of all dimensions, 1 for a scalar
   */
  public long elements() {
    return elements;
  }

  /**
   * Returns the position of an element, as messages show it.
   *
   * @param element the row-major index of the element, 0 to {@link #elements()} - 1
   * @return the index on each axis, outermost first
   * @throws IndexOutOfBoundsException if the element is out of range
   */
  public long[] position(long element) {
    long[] position = new long[dims.length];
    long rest = Objects.checkIndex(element, elements);
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      position[axis] = rest % dims[axis];
      rest /= dims[axis];
    }
    return position;
  }

  /**
   * Returns the dimensions.
   *
   * @return a copy, outermost first
   */
  public long[] toArray() {
    return dims.clone();
  }

  @Override
  @SuppressWarnings("exports") // of an annotation, see module-info
  public boolean equals(@Nullable Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** Returns the dimensions in brackets, such as {@code [768, 3072]}. */
  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
