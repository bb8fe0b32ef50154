package dev.octet.onnx.value;

import dev.octet.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Tensor that a model is run with: a view of memory with an element type and a shape. Elements lie densely in
 * row-major order, in the byte order of the machine, at any alignment.
 *
 * <p>
 * The memory is borrowed: its owner keeps it alive while the tensor is in use.
 */
public final class Tensor {
  private final ElementType type;
  private final Shape shape;
  private final MemorySegment data;

  private Tensor(ElementType type, Shape shape, MemorySegment data) {
    this.type = type;
    this.shape = shape;
    this.data = data;
  }

  /**
   * Returns a view of memory.
   *
   * @param type the element type; not OTHER
   * @param shape the shape
   * @param data the elements, native or heap, at least as many bytes as they take; borrowed
   * @return the view
   * @throws IllegalArgumentException if the type is OTHER, or the segment is too small
   */
  public static Tensor of(ElementType type, Shape shape, MemorySegment data) {
    long bytes = bytes(type, shape);
    if (Objects.requireNonNull(data, "data").byteSize() < bytes) {
      throw new IllegalArgumentException("data: expected " + bytes + " bytes for " + type + " " + shape
          + ", got " + data.byteSize());
    }
    return new Tensor(type, shape, data.asSlice(0, bytes));
  }

  /**
   * Returns a tensor of zeros in native memory, which the garbage collector frees.
   *
   * @param type the element type; not OTHER
   * @param shape the shape
   * @return the tensor
   * @throws IllegalArgumentException if the type is OTHER, or the elements take more than 2^63 - 1 bytes
   */
  public static Tensor allocate(ElementType type, Shape shape) {
    long bytes = bytes(type, shape);
    return new Tensor(type, shape, Arena.ofAuto().allocate(Math.max(1, bytes), 64).asSlice(0, bytes));
  }

  /**
   * Returns a view of an array.
   *
   * @param shape the shape
   * @param values the elements; not copied
   * @return the view
   * @throws IllegalArgumentException if there are fewer values than elements
   */
  public static Tensor floats(Shape shape, float... values) {
    return of(ElementType.F32, shape, MemorySegment.ofArray(Objects.requireNonNull(values, "values")));
  }

  /**
   * Returns a view of an array.
   *
   * @param shape the shape
   * @param values the elements; not copied
   * @return the view
   * @throws IllegalArgumentException if there are fewer values than elements
   */
  public static Tensor longs(Shape shape, long... values) {
    return of(ElementType.I64, shape, MemorySegment.ofArray(Objects.requireNonNull(values, "values")));
  }

  private static long bytes(ElementType type, Shape shape) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(shape, "shape");
    if (type == ElementType.OTHER) {
      throw new IllegalArgumentException("type: expected one that models are run with, got OTHER");
    }
    if (shape.elements() > Long.MAX_VALUE / type.bytes()) {
      throw new IllegalArgumentException("shape " + shape + ": the bytes of so many " + type
          + " elements overflow 64 bits");
    }
    return shape.elements() * type.bytes();
  }

  /**
   * Returns the element type.
   *
   * @return the type
   */
  public ElementType type() {
    return type;
  }

  /**
   * Returns the shape.
   *
   * @return the shape
   */
  public Shape shape() {
    return shape;
  }

  /**
   * Returns the memory of the elements.
   *
   * @return a segment of exactly their bytes
   */
  public MemorySegment data() {
    return data;
  }

  /**
   * Copies the elements of an F32 tensor.
   *
   * @return a new array
   * @throws IllegalStateException if the type is another one
   * @throws IllegalArgumentException if there are more elements than an array holds
   */
  public float[] floats() {
    float[] result = new float[count(ElementType.F32)];
    MemorySegment.copy(data, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, result, 0, result.length);
    return result;
  }

  /**
   * Copies the elements of an I64 tensor.
   *
   * @return a new array
   * @throws IllegalStateException if the type is another one
   * @throws IllegalArgumentException if there are more elements than an array holds
   */
  public long[] longs() {
    long[] result = new long[count(ElementType.I64)];
    MemorySegment.copy(data, ValueLayout.JAVA_LONG_UNALIGNED, 0, result, 0, result.length);
    return result;
  }

  private int count(ElementType expected) {
    if (type != expected) {
      throw new IllegalStateException("expected a tensor of " + expected + ", this is one of " + type);
    }
    if (shape.elements() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("shape " + shape + " does not fit an array");
    }
    return (int) shape.elements();
  }

  /** Returns type and shape, without the elements. */
  @Override
  public String toString() {
    return type + " " + shape;
  }
}
