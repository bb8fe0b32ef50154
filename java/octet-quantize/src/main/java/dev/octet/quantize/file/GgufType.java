package dev.octet.quantize.file;

import dev.octet.BlockFormat;
import dev.octet.Shape;
import java.util.Optional;

/**
 * Names the types that tensors of GGUF files have: plain numbers, and blocks of a fixed number of elements in
 * a fixed number of bytes. All can be told apart, measured and copied; {@link GgufTensor#isReadable()} says
 * which are read as numbers.
 */
public enum GgufType {
  /** IEEE 754 binary32. */
  F32(0, StoredType.F32),
  /** IEEE 754 binary16. */
  F16(1, StoredType.F16),
  /** 4 bits with a scale per 32. */
  Q4_0(BlockFormat.Q4_0),
  /** 4 bits with a scale and a minimum per 32. */
  Q4_1(BlockFormat.Q4_1),
  /** 5 bits with a scale per 32. */
  Q5_0(BlockFormat.Q5_0),
  /** 5 bits with a scale and a minimum per 32. */
  Q5_1(BlockFormat.Q5_1),
  /** 8 bits with a scale per 32. */
  Q8_0(BlockFormat.Q8_0),
  /** 8 bits with a scale and a sum per 32: of activations. */
  Q8_1(9, 32, 36),
  /** 2 bits in blocks of 256. */
  Q2_K(10, 256, 84),
  /** 3 bits in blocks of 256. */
  Q3_K(11, 256, 110),
  /** 4 bits with scales and minima of 6 bits per 32, in blocks of 256. */
  Q4_K(BlockFormat.Q4_K),
  /** 5 bits with scales and minima of 6 bits per 32, in blocks of 256. */
  Q5_K(BlockFormat.Q5_K),
  /** 6 bits with scales of 8 bits per 16, in blocks of 256. */
  Q6_K(BlockFormat.Q6_K),
  /** 8 bits in blocks of 256: of activations. */
  Q8_K(15, 256, 292),
  /** 2.06 bits, of a code book. */
  IQ2_XXS(16, 256, 66),
  /** 2.31 bits, of a code book. */
  IQ2_XS(17, 256, 74),
  /** 3.06 bits, of a code book. */
  IQ3_XXS(18, 256, 98),
  /** 1.56 bits, of a code book. */
  IQ1_S(19, 256, 50),
  /** 4 bits, of 16 levels, with a scale per 32. */
  IQ4_NL(BlockFormat.IQ4_NL),
  /** 3.44 bits, of a code book. */
  IQ3_S(21, 256, 110),
  /** 2.56 bits, of a code book. */
  IQ2_S(22, 256, 82),
  /** 4.25 bits, of 16 levels, in blocks of 256. */
  IQ4_XS(23, 256, 136),
  /** Signed 8 bits. */
  I8(24, StoredType.I8),
  /** Signed 16 bits. */
  I16(25, StoredType.I16),
  /** Signed 32 bits. */
  I32(26, StoredType.I32),
  /** Signed 64 bits. */
  I64(27, StoredType.I64),
  /** IEEE 754 binary64. */
  F64(28, StoredType.F64),
  /** 1.75 bits, of a code book. */
  IQ1_M(29, 256, 56),
  /** The upper half of a binary32. */
  BF16(30, StoredType.BF16),
  /** Ternary, 1.69 bits. */
  TQ1_0(34, 256, 54),
  /** Ternary, 2.06 bits. */
  TQ2_0(35, 256, 66),
  /** E2M1 with a power of two per 32. */
  MXFP4(BlockFormat.MXFP4),
  /** E2M1 with a scale of 8 bits per 16, in blocks of 64. */
  NVFP4(BlockFormat.NVFP4),
  /** 1 bit with a scale per 128. */
  Q1_0(41, 128, 18),
  /** 2 bits with a scale per 64. */
  Q2_0(42, 64, 18),
  /**
   * A type that Octet does not know: {@link GgufTensor#typeName()} has its number. How many bytes its
   * elements take is not known either.
   */
  OTHER(-1, 1, 0);

  private final int id;
  private final int elements;
  private final int bytes;
  private final Optional<StoredType> stored;
  private final Optional<BlockFormat> block;

  GgufType(int id, StoredType type) {
    this(id, 1, type.bits() / 8, Optional.of(type), Optional.empty());
  }

  GgufType(BlockFormat format) {
    this(format.id(), format.elements(), format.bytes(), Optional.empty(), Optional.of(format));
  }

  /** Of blocks that are not read as numbers. */
  GgufType(int id, int elements, int bytes) {
    this(id, elements, bytes, Optional.empty(), Optional.empty());
  }

  GgufType(int id, int elements, int bytes, Optional<StoredType> stored, Optional<BlockFormat> block) {
    this.id = id;
    this.elements = elements;
    this.bytes = bytes;
    this.stored = stored;
    this.block = block;
  }

  /**
   * Returns the number by which files name the type.
   *
   * @return 0 or more; -1 for OTHER
   */
  public int id() {
    return id;
  }

  /**
   * Returns the number of elements of a block. Rows are whole blocks.
   *
   * @return 1 for plain numbers
   */
  public int elements() {
    return elements;
  }

  /**
   * Returns the size of a block.
   *
   * @return bytes; 0 for OTHER
   */
  public int bytes() {
    return bytes;
  }

  /**
   * Returns the type of the same numbers in other files.
   *
   * @return F16, BF16, F32, F64, I8, I16, I32 or I64; empty for blocks and OTHER
   */
  public Optional<StoredType> stored() {
    return stored;
  }

  /**
   * Returns the format of blocks that are read as numbers.
   *
   * @return the format; empty for plain numbers, OTHER, and blocks that are not read
   */
  public Optional<BlockFormat> block() {
    return block;
  }

  /** The type of a number; OTHER where it is none that Octet knows. */
  static GgufType of(int id) {
    for (GgufType type : values()) {
      if (type.id == id) {
        return type;
      }
    }
    return OTHER;
  }

  /**
   * The bytes of a tensor.
   *
   * @throws IllegalArgumentException if rows are no whole blocks, or a long cannot hold the size
   */
  long bytes(Shape shape) {
    long row = GgufTensor.rowElements(shape);
    if (row % elements != 0) {
      throw new IllegalArgumentException(
          this + " " + shape + ": expected rows of whole blocks of " + elements + ", got " + row);
    }
    try {
      return Math.multiplyExact(shape.elements() / elements, (long) bytes);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(this + " " + shape + ": its size overflows 64 bits", e);
    }
  }
}
