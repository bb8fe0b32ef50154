package dev.octet;

/**
 * Element type of a tensor. Integer types of 4 and 8 bits hold quantized values, {@link #S32} holds
 * accumulators and biases, {@link #F32} real numbers (IEEE 754 binary32). Two 4-bit values share a byte, the
 * one with the even index in the low nibble. All multi-byte values are in the machine's byte order.
 */
public enum DataType {
  /** Unsigned 8 bits, 0 to 255. */
  U8(8, 0, 255),
  /** Signed 8 bits, -128 to 127. */
  S8(8, -128, 127),
  /** Unsigned 4 bits, 0 to 15, two to a byte. */
  U4(4, 0, 15),
  /** Signed 4 bits, -8 to 7, two to a byte. */
  S4(4, -8, 7),
  /** Signed 32 bits: accumulators and biases. */
  S32(32, Integer.MIN_VALUE, Integer.MAX_VALUE),
  /** IEEE 754 binary32. */
  F32(32, 0, 0);

  private final int bits;
  private final int min;
  private final int max;

  DataType(int bits, int min, int max) {
    this.bits = bits;
    this.min = min;
    this.max = max;
  }

  /**
   * Returns the size of one element.
   *
   * @return the size in bits: 4, 8 or 32
   */
  public int bits() {
    return bits;
  }

  /**
   * Returns the smallest value of an integer type.
   *
   * @return the smallest value
   * @throws UnsupportedOperationException for {@link #F32}
   */
  public int min() {
    requireInteger();
    return min;
  }

  /**
   * Returns the largest value of an integer type.
   *
   * @return the largest value
   * @throws UnsupportedOperationException for {@link #F32}
   */
  public int max() {
    requireInteger();
    return max;
  }

  /**
   * Returns whether this type holds quantized values: {@link #U8}, {@link #S8}, {@link #U4} or {@link #S4}.
   *
   * @return true for the integer types of 4 and 8 bits
   */
  public boolean isQuantized() {
    return bits <= 8;
  }

  /**
   * Returns whether this is {@link #U8} or {@link #S8}.
   *
   * @return true for the integer types of 8 bits
   */
  public boolean isByte() {
    return bits == 8;
  }

  /**
   * Returns whether values of this type can be negative.
   *
   * @return false for {@link #U8} and {@link #U4} alone
   */
  public boolean isSigned() {
    return this != U8 && this != U4;
  }

  /**
   * Returns the size in bytes of a number of elements, without padding between rows. An odd number of 4-bit
   * elements is rounded up to a whole byte.
   *
   * @param elements the number of elements, 0 or more
   * @return the size in bytes
   * @throws IllegalArgumentException if elements is negative or the size overflows a long
   */
  public long bytes(long elements) {
    if (elements < 0) {
      throw new IllegalArgumentException("elements: expected >= 0, got " + elements);
    }
    if (bits == 4) {
      return elements / 2 + elements % 2;
    }
    try {
      return Math.multiplyExact(elements, bits / 8);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("elements: " + elements + " of " + this + " overflow 64 bits", e);
    }
  }

  private void requireInteger() {
    if (this == F32) {
      throw new UnsupportedOperationException("F32 has no integer range");
    }
  }
}
