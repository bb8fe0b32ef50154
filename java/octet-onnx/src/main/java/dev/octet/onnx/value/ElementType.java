package dev.octet.onnx.value;

/** Element types of tensors that models are run with. */
public enum ElementType {
  /** IEEE 754 binary32. */
  F32(4),
  /** Signed 64 bits. */
  I64(8),
  /** Signed 32 bits. */
  I32(4),
  /** Signed 8 bits. */
  I8(1),
  /** Unsigned 8 bits. */
  U8(1),
  /** Booleans, a byte each: 0 or 1. */
  BOOL(1),
  /** A type that no operator here takes; a model may have such inputs and is refused when it is prepared. */
  OTHER(0);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /**
   * Returns the size of an element.
   *
   * @return bytes; 0 of OTHER
   */
  public int bytes() {
    return bytes;
  }

  /**
   * Returns whether elements are integers.
   *
   * @return true for I64, I32, I8 and U8
   */
  public boolean isInteger() {
    return this == I64 || this == I32 || this == I8 || this == U8;
  }
}
