package dev.octet.quantize.file;

import java.math.BigInteger;
import java.util.List;
import java.util.Objects;

/**
 * Holds a value of a GGUF file's metadata with the type that it has there. Immutable.
 *
 * @param type the type; of an array that of its elements
 * @param value a Long, or a BigInteger for a U64 beyond 2^63 - 1; a Float, Double, Boolean or String; or an
 *        immutable List of these: an array
 */
public record GgufValue(Type type, Object value) {
  /** Names the types of metadata. */
  public enum Type {
    /** Unsigned 8 bits. */
    U8(0, 1, 0, 255),
    /** Signed 8 bits. */
    I8(1, 1, Byte.MIN_VALUE, Byte.MAX_VALUE),
    /** Unsigned 16 bits. */
    U16(2, 2, 0, 65535),
    /** Signed 16 bits. */
    I16(3, 2, Short.MIN_VALUE, Short.MAX_VALUE),
    /** Unsigned 32 bits. */
    U32(4, 4, 0, 0xffff_ffffL),
    /** Signed 32 bits. */
    I32(5, 4, Integer.MIN_VALUE, Integer.MAX_VALUE),
    /** IEEE 754 binary32. */
    F32(6, 4, 0, 0),
    /** A byte of 0 or 1. */
    BOOL(7, 1, 0, 0),
    /** UTF-8. */
    STRING(8, 8, 0, 0),
    /** Unsigned 64 bits. */
    U64(10, 8, 0, Long.MAX_VALUE),
    /** Signed 64 bits. */
    I64(11, 8, Long.MIN_VALUE, Long.MAX_VALUE),
    /** IEEE 754 binary64. */
    F64(12, 8, 0, 0);

    /** The number by which files name arrays, before the type of their elements. */
    static final int ARRAY = 9;

    private final int id;
    private final int bytes;
    private final long min;
    private final long max;

    Type(int id, int bytes, long min, long max) {
      this.id = id;
      this.bytes = bytes;
      this.min = min;
      this.max = max;
    }

    /** The number by which files name the type. */
    int id() {
      return id;
    }

    /** The bytes of a value, of a string those of its length. */
    int bytes() {
      return bytes;
    }

    /** The type of a number; null where there is none, or it is that of arrays. */
    static Type of(int id) {
      for (Type type : values()) {
        if (type.id == id) {
          return type;
        }
      }
      return null;
    }

    private boolean holds(Object value) {
      return switch (this) {
        case F32 -> value instanceof Float;
        case F64 -> value instanceof Double;
        case BOOL -> value instanceof Boolean;
        case STRING -> value instanceof String;
        default -> value instanceof Long integer
            ? integer >= min && integer <= max
            : this == U64 && value instanceof BigInteger large && large.bitLength() == 64
                && large.signum() > 0;
      };
    }
  }

  /**
   * Checks that the type can hold the value.
   *
   * @throws IllegalArgumentException if it cannot, or an element of an array
   */
  public GgufValue {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(value, "value");
    if (value instanceof List<?> list) {
      if (!(list instanceof GgufNumbers numbers && numbers.isOf(type))) {
        List<?> copy = List.copyOf(list);
        copy.forEach(element -> require(type, element));
        value = copy;
      }
    } else {
      require(type, value);
    }
  }

  /**
   * Creates a string.
   *
   * @param value any text
   * @return the value
   */
  public static GgufValue of(String value) {
    return new GgufValue(Type.STRING, Objects.requireNonNull(value, "value"));
  }

  /**
   * Creates an unsigned integer of 32 bits, as most counts of a model are.
   *
   * @param value 0 to 2^32 - 1
   * @return the value
   * @throws IllegalArgumentException if it is beyond 32 bits
   */
  public static GgufValue u32(long value) {
    return new GgufValue(Type.U32, value);
  }

  private static void require(Type type, Object value) {
    if (!type.holds(value)) {
      throw new IllegalArgumentException("value: expected one of type " + type + ", got "
          + value.getClass().getSimpleName() + " " + value);
    }
  }

  /**
   * Returns whether this is an array.
   *
   * @return true where the value is a List
   */
  public boolean isArray() {
    return value instanceof List;
  }

  /** Returns type and value, of an array type and length: {@code U32 32}, {@code STRING[128256]}. */
  @Override
  public String toString() {
    return value instanceof List<?> list ? type + "[" + list.size() + "]" : type + " " + value;
  }
}
