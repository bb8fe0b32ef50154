package dev.octet.onnx.internal.graph;

import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * What is known of a value.
 *
 * @param type the element type
 * @param dims the dimensions, -1 for those that are not known; null where their number is not known
 * @param data the elements of a constant; null of other values
 */
public record Known(ElementType type, long[] dims, MemorySegment data) {
  /** A dimension that is not known. */
  public static final long UNKNOWN = -1;

  /** Checks the dimensions: their product, and the bytes, fit a long. */
  public Known {
    if (dims != null) {
      long bytes = Math.max(1, type.bytes());
      for (int axis = 0; axis < dims.length; axis++) {
        if (dims[axis] < UNKNOWN) {
          throw new IllegalArgumentException(
              "shape " + Arrays.toString(dims) + ": dimension " + axis + " is negative");
        }
        long high = dims[axis] <= 0 ? 0 : Math.multiplyHigh(bytes, dims[axis]);
        bytes = dims[axis] <= 0 ? bytes : bytes * dims[axis];
        if (high != 0 || bytes < 0) {
          throw new IllegalArgumentException(
              "shape " + Arrays.toString(dims) + ": its bytes overflow 64 bits");
        }
      }
    }
  }

  /** A value that is computed, of known rank. */
  public static Known of(ElementType type, long... dims) {
    return new Known(type, dims, null);
  }

  /** A value that is computed, of a shape that is not known. */
  public static Known of(ElementType type) {
    return new Known(type, null, null);
  }

  /** A value that is computed, of dimensions that may be null. */
  public static Known shaped(ElementType type, long[] dims) {
    return new Known(type, dims, null);
  }

  /** The same with other dimensions. */
  public Known withDims(long... other) {
    return new Known(type, other, data);
  }

  /** The same with elements. */
  public Known withData(MemorySegment elements) {
    return new Known(type, dims, elements);
  }

  /**
   * The same with a copy of its elements, which a node may hold when the file is closed; of small constants.
   */
  public Known copied() {
    return data == null
        ? this
        : withData(MemorySegment.ofArray(data.toArray(ValueLayout.JAVA_BYTE)).asReadOnly());
  }

  /** Whether the elements are known. */
  public boolean isConstant() {
    return data != null;
  }

  /** Whether the rank is known. */
  public boolean hasRank() {
    return dims != null;
  }

  /** The number of dimensions, which must be known. */
  public int rank() {
    return dims.length;
  }

  /** Whether all dimensions are known. */
  public boolean isShaped() {
    return dims != null && Arrays.stream(dims).allMatch(dim -> dim >= 0);
  }

  /** The number of elements, where all dimensions are known. */
  public long elements() {
    long elements = 1;
    for (long dim : dims) {
      elements *= dim;
    }
    return elements;
  }

  /** The bytes of the elements, where all dimensions are known. */
  public long bytes() {
    return elements() * type.bytes();
  }

  /** The elements of a constant of I64 or I32. */
  public long[] longs() {
    long[] result = new long[Math.toIntExact(elements())];
    for (int i = 0; i < result.length; i++) {
      result[i] = Elements.integer(data, type, i);
    }
    return result;
  }

  /** The dimensions as messages have them. */
  public String shape() {
    if (dims == null) {
      return "of unknown rank";
    }
    StringBuilder text = new StringBuilder("[");
    for (int axis = 0; axis < dims.length; axis++) {
      text.append(axis == 0 ? "" : ", ").append(dims[axis] < 0 ? "?" : Long.toString(dims[axis]));
    }
    return text.append(']').toString();
  }

  @Override
  public String toString() {
    return type + " " + shape();
  }

}
