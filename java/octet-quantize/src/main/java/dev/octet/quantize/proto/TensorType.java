package dev.octet.quantize.proto;

import dev.octet.Shape;

/** Element types of ONNX, by the names that Octet has for them. */
public enum TensorType {
  F32(1, 32), U8(2, 8), I8(3, 8), U16(4, 16), I16(5, 16), I32(6, 32), I64(7, 64),
  /** Of no fixed size. */
  STRING(8, 0), BOOL(9, 8), F16(10, 16), F64(11, 64), U32(12, 32), U64(13, 64), C64(14, 64), COMPLEX128(15,
      128), BF16(16, 16), F8_E4M3(17, 8), F8_E4M3FNUZ(18, 8), F8_E5M2(19, 8), F8_E5M2FNUZ(20,
          8), U4(21, 4), I4(22, 4), F4(23, 4), F8_E8M0(24, 8), UINT2(25, 2), INT2(26, 2);

  private final int number;
  private final int bits;

  TensorType(int number, int bits) {
    this.number = number;
    this.bits = bits;
  }

  /** The type of a number in ONNX; null for one that is not known. */
  public static TensorType of(int number) {
    return number >= 1 && number <= values().length ? values()[number - 1] : null;
  }

  /** What messages call the type of a number. */
  public static String name(int number) {
    TensorType type = of(number);
    return type == null ? "type " + number : type.name();
  }

  /** Its number in ONNX. */
  public int number() {
    return number;
  }

  /** Bits of an element; 0 where elements have no fixed size. */
  public int bits() {
    return bits;
  }

  /** Whether elements are copied and never read. */
  public boolean isOpaque() {
    return this == STRING || this == COMPLEX128 || this == UINT2 || this == INT2;
  }

  /** The bytes of a dense tensor, or -1 where a long cannot hold its bits. */
  public long bytes(Shape shape) {
    long elements = shape.elements();
    return bits > 0 && elements > Long.MAX_VALUE / bits - 7 ? -1 : (elements * bits + 7) / 8;
  }
}
