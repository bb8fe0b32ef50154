package dev.octet.testing;

import dev.octet.DataType;
import dev.octet.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/**
 * What tests pass between Octet, ONNX Runtime and themselves: type, shape and memory, without a meaning in
 * real numbers. 4-bit tensors hold two elements a byte, as everywhere in Octet.
 *
 * @param type the element type
 * @param shape the shape; elements are dense and row-major
 * @param data the elements
 */
public record Tensor(DataType type, Shape shape, MemorySegment data) {
  /** A tensor of zeros in memory of its own, which the garbage collector frees. */
  public static Tensor zeros(DataType type, long... dims) {
    Shape shape = Shape.of(dims);
    // Never empty: ONNX Runtime wants an address. Aligned for its vector loads of floats.
    MemorySegment data = Arena.ofAuto().allocate(Math.max(1, type.bytes(shape.elements())), 64);
    return new Tensor(type, shape, data.asSlice(0, type.bytes(shape.elements())));
  }

  /** A scalar, or a vector where several values are given. */
  public static Tensor floats(float... values) {
    Tensor tensor = values.length == 1 ? zeros(DataType.F32) : zeros(DataType.F32, values.length);
    for (int i = 0; i < values.length; i++) {
      tensor.set(i, values[i]);
    }
    return tensor;
  }

  /** A scalar, or a vector where several values are given. */
  public static Tensor integers(DataType type, int... values) {
    Tensor tensor = values.length == 1 ? zeros(type) : zeros(type, values.length);
    for (int i = 0; i < values.length; i++) {
      tensor.set(i, values[i]);
    }
    return tensor;
  }

  /** The same elements under another shape. */
  public Tensor reshape(long... dims) {
    Shape other = Shape.of(dims);
    if (other.elements() != shape.elements()) {
      throw new IllegalArgumentException("cannot see " + shape + " as " + other);
    }
    return new Tensor(type, other, data);
  }

  /** The same elements in other memory. */
  public Tensor copyTo(SegmentAllocator memory) {
    MemorySegment copy = memory.allocate(data.byteSize(), 1);
    return new Tensor(type, shape, copy.copyFrom(data));
  }

  /** The number of elements. */
  public long elements() {
    return shape.elements();
  }

  /** An element of an integer tensor. */
  public int get(long index) {
    return switch (type) {
      case U8 -> data.get(ValueLayout.JAVA_BYTE, index) & 0xff;
      case S8 -> data.get(ValueLayout.JAVA_BYTE, index);
      case U4 -> nibble(index);
      case S4 -> (nibble(index) ^ 8) - 8;
      case S32 -> data.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * index);
      case F32 -> throw new IllegalStateException("float tensor");
    };
  }

  /** An element of a float tensor. */
  public float real(long index) {
    if (type != DataType.F32) {
      throw new IllegalStateException(type + " tensor");
    }
    return data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * index);
  }

  /** Sets an element of an integer tensor; the value is within the range of the type. */
  public void set(long index, int value) {
    if (value < type.min() || value > type.max()) {
      throw new IllegalArgumentException(value + " is no " + type);
    }
    switch (type) {
      case U8, S8 -> data.set(ValueLayout.JAVA_BYTE, index, (byte) value);
      case U4, S4 -> {
        int pair = data.get(ValueLayout.JAVA_BYTE, index / 2);
        int shift = index % 2 == 0 ? 0 : 4;
        data.set(ValueLayout.JAVA_BYTE, index / 2,
            (byte) ((pair & ~(0xf << shift)) | ((value & 0xf) << shift)));
      }
      default -> data.set(ValueLayout.JAVA_INT_UNALIGNED, 4 * index, value);
    }
  }

  /** Sets an element of a float tensor. */
  public void set(long index, float value) {
    data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * index, value);
  }

  /** An element as text: floats with their bits, since tests compare bits. */
  public String show(long index) {
    return type == DataType.F32
        ? real(index) + " (0x" + Integer.toHexString(Float.floatToRawIntBits(real(index))) + ")"
        : Integer.toString(get(index));
  }

  /** Whether an element has the same bits in both tensors, of the same type. */
  public boolean same(long index, Tensor other) {
    return type == DataType.F32
        ? Float.floatToRawIntBits(real(index)) == Float.floatToRawIntBits(other.real(index))
        : get(index) == other.get(index);
  }

  private int nibble(long index) {
    int pair = data.get(ValueLayout.JAVA_BYTE, index / 2);
    return (index % 2 == 0 ? pair : pair >>> 4) & 0xf;
  }

  /** Type and shape. */
  @Override
  public String toString() {
    return type + " " + shape;
  }
}
