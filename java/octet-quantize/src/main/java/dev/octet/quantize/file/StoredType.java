package dev.octet.quantize.file;

import dev.octet.DataType;
import dev.octet.Shape;
import java.util.Optional;

/**
 * Names the element types of tensors in files, as safetensors does. Those that {@link #isReadable()} says can
 * be read as numbers; all can be copied from file to file.
 */
public enum StoredType {
  /** Booleans, a byte each. */
  BOOL(8),
  /** Unsigned 8 bits. */
  U8(8),
  /** Signed 8 bits. */
  I8(8),
  /** Unsigned 16 bits. */
  U16(16),
  /** Signed 16 bits. */
  I16(16),
  /** Unsigned 32 bits. */
  U32(32),
  /** Signed 32 bits. */
  I32(32),
  /** Unsigned 64 bits. */
  U64(64),
  /** Signed 64 bits. */
  I64(64),
  /** IEEE 754 binary16. */
  F16(16),
  /** The upper half of a binary32. */
  BF16(16),
  /** IEEE 754 binary32. */
  F32(32),
  /** IEEE 754 binary64. */
  F64(64),
  /** Two binary32: a complex number. */
  C64(64),
  /** Float of 8 bits, 4 of them exponent. */
  F8_E4M3(8),
  /** Float of 8 bits, 5 of them exponent. */
  F8_E5M2(8),
  /** Float of 8 bits, 4 of them exponent, without negative zero. */
  F8_E4M3FNUZ(8),
  /** Float of 8 bits, 5 of them exponent, without negative zero. */
  F8_E5M2FNUZ(8),
  /** A power of two in 8 bits. */
  F8_E8M0(8),
  /** Float of 4 bits, two to a byte. */
  F4(4),
  /** Float of 6 bits. */
  F6_E2M3(6),
  /** Float of 6 bits. */
  F6_E3M2(6),
  /** Unsigned 4 bits, two to a byte, low nibble first: of ONNX; safetensors has none. */
  U4(4),
  /** Signed 4 bits, two to a byte, low nibble first: of ONNX; safetensors has none. */
  I4(4),
  /**
   * A type that a safetensors file names and Octet does not know: {@link StoredTensor#typeName} has the name.
   * How many bits an element takes is not known either; bytes are copied.
   */
  OTHER(8);

  private final int bits;

  StoredType(int bits) {
    this.bits = bits;
  }

  /**
   * Returns the size of an element.
   *
   * @return bits; of OTHER those of a byte
   */
  public int bits() {
    return bits;
  }

  /**
   * Returns whether elements are real numbers of 16, 32 or 64 bits, the types of weights before quantization.
   *
   * @return true for F16, BF16, F32 and F64
   */
  public boolean isFloat() {
    return this == F16 || this == BF16 || this == F32 || this == F64;
  }

  /**
   * Returns whether elements are integers.
   *
   * @return true for those of 4 to 64 bits, and BOOL
   */
  public boolean isInteger() {
    return isReadable() && !isFloat();
  }

  /**
   * Returns whether elements can be read as numbers.
   *
   * @return true for integers, and floats of 16 to 64 bits
   */
  public boolean isReadable() {
    return switch (this) {
      case BOOL, U8, I8, U16, I16, U32, I32, U64, I64, F16, BF16, F32, F64, U4, I4 -> true;
      default -> false;
    };
  }

  /**
   * Returns the type of quantized tensors of the same elements.
   *
   * @return U8, S8, U4 or S4; empty for others
   */
  public Optional<DataType> quantized() {
    return Optional.ofNullable(switch (this) {
      case U8 -> DataType.U8;
      case I8 -> DataType.S8;
      case U4 -> DataType.U4;
      case I4 -> DataType.S4;
      default -> null;
    });
  }

  /** The type of a name in safetensors; OTHER where it is none that Octet knows. */
  static StoredType named(String name) {
    for (StoredType type : values()) {
      if (type != U4 && type != I4 && type.name().equals(name)) {
        return type;
      }
    }
    return OTHER;
  }

  /** Whether safetensors has the type, and can hold that many elements of it: whole bytes. */
  boolean fitsSafetensors(Shape shape) {
    return this != U4 && this != I4 && shape.elements() * (bits % 8) % 8 == 0;
  }

  /** The bytes of a dense tensor, or -1 where a long cannot hold its bits. */
  long bytes(Shape shape) {
    long elements = shape.elements();
    if (elements > Long.MAX_VALUE / bits - 7) {
      return -1;
    }
    return (elements * bits + 7) / 8;
  }
}
