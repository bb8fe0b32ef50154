package dev.octet.quantize.file;

import dev.octet.Shape;
import dev.octet.quantize.mapped.Mapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Holds a tensor as it lies in a file: dense, row-major, little-endian. The memory is the file's, and goes
 * when the file is closed.
 *
 * @param name the name
 * @param type the element type
 * @param shape the shape
 * @param data exactly the tensor's bytes, read-only, at any alignment
 * @param typeName what the file calls the type: the name of {@code type}, or one that Octet does not know
 */
public record StoredTensor(String name, StoredType type, Shape shape, MemorySegment data, String typeName) {
  static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * Checks that type, shape and memory fit together.
   *
   * @throws MalformedFileException if the memory is not that of type and shape; of a type that is not known
   *         any is
   */
  public StoredTensor {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(typeName, "typeName");
    long bytes = type == StoredType.OTHER ? data.byteSize() : type.bytes(shape);
    if (data.byteSize() != bytes) {
      throw new MalformedFileException("tensor " + name + ": expected " + bytes + " bytes for " + type + " "
          + shape + ", got " + data.byteSize());
    }
    data = data.asReadOnly();
  }

  /**
   * Creates a tensor of a type that Octet knows.
   *
   * @param name the name
   * @param type the element type
   * @param shape the shape
   * @param data exactly the tensor's bytes, at any alignment
   * @throws MalformedFileException if the memory is not that of type and shape
   */
  public StoredTensor(String name, StoredType type, Shape shape, MemorySegment data) {
    this(name, type, shape, data, Objects.requireNonNull(type, "type").name());
  }

  /**
   * Reads elements as floats, rounded where the type is wider.
   *
   * @param first the row-major index of the first element
   * @param out takes them
   * @param at where in out
   * @param count how many
   * @throws IndexOutOfBoundsException if there are fewer elements, or out is too short
   * @throws UnsupportedOperationException if the type cannot be read as numbers
   * @throws IllegalStateException if the file is closed
   * @throws UncheckedIOException if the memory is a file's that was truncated
   */
  public void floats(long first, float[] out, int at, int count) {
    Objects.requireNonNull(out, "out");
    Objects.checkFromIndexSize(first, (long) count, shape.elements());
    Objects.checkFromIndexSize(at, count, out.length);
    reading(() -> {
      copy(first, out, at, count);
      return out;
    });
  }

  /**
   * Reads elements as {@link #floats(long, float[], int, int)} does, and refuses those that binary32 cannot
   * hold: what is computed with them would name an infinity that the file does not have.
   *
   * @throws IllegalArgumentException if a finite F64 is beyond binary32, named by tensor and position
   */
  void binary32(long first, float[] out, int at, int count) {
    floats(first, out, at, count);
    for (int i = 0; type == StoredType.F64 && i < count; i++) {
      if (Float.isInfinite(out[at + i])) {
        double value = data.get(DOUBLE, 8 * (first + i));
        if (Double.isFinite(value)) {
          throw new IllegalArgumentException("tensor " + name + Arrays.toString(shape.position(first + i))
              + ": the F64 number " + value + " is beyond binary32, expected at most " + Float.MAX_VALUE);
        }
      }
    }
  }

  /** All elements, as {@link #binary32(long, float[], int, int)} reads them. */
  float[] binary32() {
    float[] result = new float[arrayLength(name, shape)];
    binary32(0, result, 0, result.length);
    return result;
  }

  private void copy(long first, float[] out, int at, int count) {
    if (type == StoredType.F32) {
      MemorySegment.copy(data, FLOAT, 4 * first, out, at, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      long e = first + i;
      out[at + i] = switch (type) {
        case F16 -> Float.float16ToFloat(data.get(SHORT, 2 * e));
        case BF16 -> Float.intBitsToFloat(data.get(SHORT, 2 * e) << 16);
        case F64 -> (float) data.get(DOUBLE, 8 * e);
        default -> element(e);
      };
    }
  }

  /**
   * Reads all elements as floats, rounded where the type is wider.
   *
   * @return a new array
   * @throws UnsupportedOperationException if the type cannot be read as numbers
   * @throws IllegalArgumentException if there are more than 2^31 - 9 of them
   */
  public float[] floats() {
    float[] result = new float[arrayLength(name, shape)];
    floats(0, result, 0, result.length);
    return result;
  }

  /**
   * Reads one element of an integer type.
   *
   * @param index its row-major index
   * @return the integer; of U64 the same 64 bits
   * @throws IndexOutOfBoundsException if there is no such element
   * @throws UnsupportedOperationException if the type is no integer
   * @throws IllegalStateException if the file is closed
   * @throws UncheckedIOException if the memory is a file's that was truncated
   */
  public long integer(long index) {
    Objects.checkIndex(index, shape.elements());
    return reading(() -> element(index));
  }

  /** Reads memory of a file: the error names the tensor where that is no longer there. */
  private <T> T reading(Supplier<T> work) {
    try {
      return readable(name, work);
    } catch (IllegalStateException e) {
      throw closed(name, e);
    }
  }

  /** As {@link #integer}, for callers that read many within {@link #readable}. */
  long element(long index) {
    return switch (type) {
      case BOOL, U8 -> data.get(ValueLayout.JAVA_BYTE, index) & 0xff;
      case I8 -> data.get(ValueLayout.JAVA_BYTE, index);
      case U16 -> data.get(SHORT, 2 * index) & 0xffff;
      case I16 -> data.get(SHORT, 2 * index);
      case U32 -> data.get(INT, 4 * index) & 0xffff_ffffL;
      case I32 -> data.get(INT, 4 * index);
      case U64, I64 -> data.get(LONG, 8 * index);
      case U4 -> nibble(index);
      case I4 -> (nibble(index) ^ 8) - 8;
      default -> throw new UnsupportedOperationException(
          "tensor " + name + ": elements of type " + typeName + " cannot be read as numbers");
    };
  }

  /**
   * Reads all elements of an integer type as ints.
   *
   * @return a new array
   * @throws MalformedFileException if one is beyond 32 bits
   * @throws UnsupportedOperationException if the type is no integer
   * @throws IllegalArgumentException if there are more than 2^31 - 9 of them
   * @throws IllegalStateException if the file is closed
   * @throws UncheckedIOException if the memory is a file's that was truncated
   */
  public int[] ints() {
    int[] result = new int[arrayLength(name, shape)];
    return reading(() -> {
      for (int i = 0; i < result.length; i++) {
        long value = element(i);
        if (value != (int) value) {
          throw new MalformedFileException(
              "tensor " + name + "[" + i + "]: expected an integer of 32 bits, got " + value);
        }
        result[i] = (int) value;
      }
      return result;
    });
  }

  /** Of memory that is no longer there. */
  static IllegalStateException closed(String name, IllegalStateException cause) {
    return new IllegalStateException("tensor " + name + ": its file is closed", cause);
  }

  /**
   * Reads memory of a mapped file.
   *
   * @throws UncheckedIOException if a page of it is no longer there
   */
  static <T> T readable(String name, Supplier<T> work) {
    try {
      return Mapping.raisingFaults(work);
    } catch (InternalError e) {
      String message = "tensor " + name
          + ": its file can no longer be read; it was truncated, or its disk fails";
      throw new UncheckedIOException(message, new IOException(message, e));
    }
  }

  private int nibble(long index) {
    int pair = data.get(ValueLayout.JAVA_BYTE, index / 2);
    return (index % 2 == 0 ? pair : pair >>> 4) & 0xf;
  }

  /** The number of elements where an array can hold them. */
  static int arrayLength(String name, Shape shape) {
    if (shape.elements() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("tensor " + name + ": " + shape + " does not fit an array");
    }
    return (int) shape.elements();
  }

  /** Returns name, type and shape, without the elements. */
  @Override
  public String toString() {
    return name + " " + typeName + " " + shape;
  }
}
