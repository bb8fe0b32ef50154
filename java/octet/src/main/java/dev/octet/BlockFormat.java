package dev.octet;

/**
 * Block formats of weights, as GGUF files and the engines that read them have them: a row is cut into blocks
 * of consecutive weights, each with the bits of its weights and of their scales. Layouts and values are those
 * of ggml ({@code ggml-common.h} and the dequantization in {@code ggml-quants.c} of ggml 0.25.1).
 *
 * <p>
 * In every format a weight is {@code scale * q + minimum} in binary32, where the integer {@code q} fits in a
 * signed byte, and scale and minimum are those of its group of 16 or 32 weights; see {@link BlockTensor}. In
 * all of them {@code scale * q} is exact, so that only the addition of a minimum rounds (MXFP4 overflows
 * where its exponent is 253 or more). The d of a block is a binary16 of any sign.
 */
public enum BlockFormat {
  /** 4 bits: {@code d * (u - 8)}. */
  Q4_0(2, 32, 18, 32, false),
  /** 4 bits and a minimum m: {@code d * u + m}. */
  Q4_1(3, 32, 20, 32, true),
  /** 5 bits: {@code d * (u - 16)}. */
  Q5_0(6, 32, 22, 32, false),
  /** 5 bits and a minimum m: {@code d * u + m}. */
  Q5_1(7, 32, 24, 32, true),
  /** 8 bits, signed: {@code d * q}. */
  Q8_0(8, 32, 34, 32, false),
  /** 4 bits; each 32 weights have a scale sc and a minimum m of 6 bits: {@code d * sc * u - dmin * m}. */
  Q4_K(12, 256, 144, 32, true),
  /** 5 bits, scales and minimums as {@link #Q4_K}. */
  Q5_K(13, 256, 176, 32, true),
  /** 6 bits; each 16 weights have a signed scale sc of 8 bits: {@code d * sc * (u - 32)}. */
  Q6_K(14, 256, 210, 16, false),
  /** 4 bits that choose one of 16 integers from -127 to 113: {@code d * T[u]}. */
  IQ4_NL(20, 32, 18, 32, false),
  /**
   * 4-bit floats E2M1 with a power of two E8M0 (OCP MX): {@code 2^(e - 128) * T[u]}, T from -12 to 12. e =
   * 255, NaN in the specification, is 2^127 as ggml reads it, and is refused by products.
   */
  MXFP4(39, 32, 17, 32, false),
  /**
   * 4-bit floats E2M1 with a scale UE4M3 for each 16: {@code s / 2 * T[u]}, T from -12 to 12. A factor for
   * the whole tensor, where a file has one, is a tensor of its own and multiplies the product.
   */
  NVFP4(40, 64, 36, 16, false);

  private final int id;
  private final int elements;
  private final int bytes;
  private final int groupSize;
  private final boolean minimum;

  BlockFormat(int id, int elements, int bytes, int groupSize, boolean minimum) {
    this.id = id;
    this.elements = elements;
    this.bytes = bytes;
    this.groupSize = groupSize;
    this.minimum = minimum;
  }

  /**
   * Returns the number of the format in GGUF files, {@code enum ggml_type}.
   *
   * @return the number
   */
  public int id() {
    return id;
  }

  /**
   * Returns the number of weights of a block.
   *
   * @return 32, 64 or 256
   */
  public int elements() {
    return elements;
  }

  /**
   * Returns the size of a block.
   *
   * @return the size in bytes
   */
  public int bytes() {
    return bytes;
  }

  /**
   * Returns the number of consecutive weights that share a scale.
   *
   * @return 16 or 32
   */
  public int groupSize() {
    return groupSize;
  }

  /**
   * Returns whether groups have a minimum, which is added to each weight.
   *
   * @return true for {@link #Q4_1}, {@link #Q5_1}, {@link #Q4_K} and {@link #Q5_K}
   */
  public boolean hasMinimum() {
    return minimum;
  }

  /**
   * Returns the size of a weight, scales included.
   *
   * @return bits, such as 4.5
   */
  public double bitsPerWeight() {
    return 8.0 * bytes / elements;
  }
}
