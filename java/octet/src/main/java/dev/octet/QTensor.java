package dev.octet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Quantized tensor: a read-only view of memory with type, shape and quantization. The elements lie densely in
 * row-major order; 4-bit elements are stored two to a byte, low nibble first, without padding between rows.
 *
 * <p>
 * The memory is borrowed: its owner keeps it alive and unchanged while the view is in use. The view itself is
 * immutable and safe for use by multiple threads if its memory is.
 */
public final class QTensor {
  private final DataType type;
  private final Shape shape;
  private final Quantization quantization;
  private final MemorySegment data;

  private QTensor(DataType type, Shape shape, Quantization quantization, MemorySegment data) {
    this.type = Objects.requireNonNull(type, "type");
    this.shape = Objects.requireNonNull(shape, "shape");
    this.quantization = Objects.requireNonNull(quantization, "quantization");
    quantization.check("tensor", type, shape);
    long bytes = type.bytes(shape.elements());
    if (Objects.requireNonNull(data, "data").byteSize() < bytes) {
      throw new IllegalArgumentException(
          "data: expected " + bytes + " bytes for " + type + " " + shape + ", got "
              + data.byteSize());
    }
    this.data = data.asSlice(0, bytes).asReadOnly();
  }

  /**
   * Returns a view of quantized memory.
   *
   * @param type the element type: U8, S8, U4 or S4
   * @param shape the shape
   * @param quantization scales and zero points, fitting type and shape
   * @param data the elements, native or heap, at least {@code type.bytes(shape.elements())} bytes; borrowed
   * @return the view
   * @throws IllegalArgumentException if the type is not of 4 or 8 bits, the segment is too small, or the
   *         quantization does not fit type and shape
   */
  public static QTensor of(DataType type, Shape shape, Quantization quantization, MemorySegment data) {
    return new QTensor(type, shape, quantization, data);
  }

  /**
   * Returns a view of a quantized byte array. The array is not copied.
   *
   * @param type the element type: U8, S8, U4 or S4
   * @param shape the shape
   * @param quantization scales and zero points, fitting type and shape
   * @param data the elements
   * @return the view
   * @throws IllegalArgumentException if the type is not of 4 or 8 bits, the array is too small, or the
   *         quantization does not fit type and shape
   */
  public static QTensor of(DataType type, Shape shape, Quantization quantization, byte[] data) {
    return new QTensor(type, shape, quantization,
        MemorySegment.ofArray(Objects.requireNonNull(data, "data")));
  }

  /**
   * Returns the element type.
   *
   * @return U8, S8, U4 or S4
   */
  public DataType type() {
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
   * Returns the quantization.
   *
   * @return scales and zero points
   */
  public Quantization quantization() {
    return quantization;
  }

  /**
   * Returns the memory of the elements.
   *
   * @return a read-only segment of exactly {@code type().bytes(shape().elements())} bytes
   */
  public MemorySegment data() {
    return data;
  }

  /**
   * Returns an element as an integer, signed or unsigned according to the type.
   *
   * @param index the row-major index, 0 to {@code shape().elements() - 1}
   * @return the stored integer
   * @throws IndexOutOfBoundsException if the index is out of range
   */
  public int get(long index) {
    Objects.checkIndex(index, shape.elements());
    return switch (type) {
      case U8 -> data.get(ValueLayout.JAVA_BYTE, index) & 0xff;
      case S8 -> data.get(ValueLayout.JAVA_BYTE, index);
      case U4 -> nibble(index);
      case S4 -> (nibble(index) ^ 8) - 8;
      case S32, F32 -> throw new AssertionError(type);
    };
  }

  /**
   * Returns an element as a real number: {@code scale * (q - zeroPoint)} in binary32.
   *
   * @param index the row-major index, 0 to {@code shape().elements() - 1}
   * @return the real number
   * @throws IndexOutOfBoundsException if the index is out of range
   */
  public float real(long index) {
    int parameter = quantization.parameterIndex(shape, index);
    return (float) (get(index) - quantization.zeroPoint(parameter)) * quantization.scale(parameter);
  }

  private int nibble(long index) {
    int pair = data.get(ValueLayout.JAVA_BYTE, index / 2);
    return (index % 2 == 0 ? pair : pair >>> 4) & 0xf;
  }

  /** Returns type, shape and quantization, without the elements. */
  @Override
  public String toString() {
    return type + " " + shape + " " + quantization;
  }
}
