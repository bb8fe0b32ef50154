package dev.octet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Weights in a block format: a read-only view of memory, often of a mapped file, with format and shape. The
 * innermost dimension is cut into blocks; a matrix of weights is {@code [N][K]}, output features first.
 *
 * <p>
 * A weight is {@code scale * q + minimum} in binary32 with the scale and the minimum of its group of
 * {@link BlockFormat#groupSize} weights, counted from 0 in each row.
 *
 * <p>
 * The memory is borrowed: its owner keeps it alive and unchanged while the view is in use; a view of closed
 * memory throws an IllegalStateException. The view itself is immutable and safe for use by multiple threads
 * if its memory is.
 */
public final class BlockTensor {
  private static final ValueLayout.OfShort F16 = ValueLayout.JAVA_SHORT_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);
  /** IQ4_NL of ggml-common.h. */
  private static final byte[] NONLINEAR = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69,
      89, 113};
  /** E2M1 times 2 (OCP Microscaling Formats 1.0, 5.3.3). */
  private static final byte[] E2M1 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
  /** Bytes of d, dmin and the 6-bit scales of Q4_K and Q5_K. */
  private static final int K_HEAD = 16;

  private final BlockFormat format;
  private final Shape shape;
  private final MemorySegment data;
  private final int columns;
  private final long rows;

  private BlockTensor(BlockFormat format, Shape shape, MemorySegment data) {
    this.format = Objects.requireNonNull(format, "format");
    this.shape = Objects.requireNonNull(shape, "shape");
    if (shape.rank() == 0 || shape.dim(shape.rank() - 1) % format.elements() != 0) {
      throw new IllegalArgumentException("shape: expected an innermost dimension of whole blocks of "
          + format.elements() + " for " + format + ", got " + shape);
    }
    this.columns = shape.intDim(shape.rank() - 1);
    this.rows = columns == 0 ? 0 : shape.elements() / columns;
    long blocks = shape.elements() / format.elements();
    if (Objects.requireNonNull(data, "data").byteSize() / format.bytes() < blocks) {
      throw new IllegalArgumentException("data: expected " + blocks + " blocks of " + format.bytes()
          + " bytes for " + format + " " + shape + ", got " + data.byteSize() + " bytes");
    }
    this.data = data.asSlice(0, blocks * format.bytes()).asReadOnly();
  }

  /**
   * Returns a view of weights.
   *
   * @param format the format of the blocks
   * @param shape the shape; the innermost dimension is a multiple of {@link BlockFormat#elements}
   * @param data the blocks of the first row, then those of the second, and so on; native or heap, of any
   *        alignment; borrowed
   * @return the view
   * @throws IllegalArgumentException if there is no dimension, the innermost one is no whole number of blocks
   *         or exceeds 2^31 - 1, or the segment is too small
   */
  public static BlockTensor of(BlockFormat format, Shape shape, MemorySegment data) {
    return new BlockTensor(format, shape, data);
  }

  /**
   * Returns the format of the blocks.
   *
   * @return the format
   */
  public BlockFormat format() {
    return format;
  }

  /**
   * Returns the shape.
   *
   * @return the shape, innermost dimension last
   */
  public Shape shape() {
    return shape;
  }

  /**
   * Returns the memory of the blocks.
   *
   * @return a read-only segment of exactly their size
   */
  public MemorySegment data() {
    return data;
  }

  /**
   * Returns the number of rows: of all indices but the innermost.
   *
   * @return the number; 0 if the innermost dimension is 0
   */
  public long rows() {
    return rows;
  }

  /**
   * Returns the number of weights of a row.
   *
   * @return the innermost dimension
   */
  public int columns() {
    return columns;
  }

  /**
   * Returns the number of groups of a row.
   *
   * @return {@code columns() / format().groupSize()}
   */
  public int groups() {
    return columns / format.groupSize();
  }

  /**
   * Returns one matrix of a stack, such as that of an expert.
   *
   * @param index 0 to the outermost dimension - 1
   * @return a view of its {@code [N][K]}
   * @throws IllegalArgumentException if the shape is not {@code [experts][N][K]}
   * @throws IndexOutOfBoundsException if there is no such matrix
   */
  public BlockTensor matrix(long index) {
    if (shape.rank() != 3) {
      throw new IllegalArgumentException("shape: expected a stack of matrices [experts][N][K], got " + shape);
    }
    Objects.checkIndex(index, shape.dim(0));
    Shape matrix = Shape.of(shape.dim(1), shape.dim(2));
    long bytes = matrix.elements() / format.elements() * format.bytes();
    return new BlockTensor(format, matrix, data.asSlice(index * bytes, bytes));
  }

  /**
   * Writes the integers q of a group.
   *
   * @param row 0 to {@link #rows()} - 1
   * @param group 0 to {@link #groups()} - 1
   * @param dst takes {@link BlockFormat#groupSize} integers, -127 to 127, of Q8_0 also -128
   * @param at the index of the first
   * @throws IndexOutOfBoundsException if the row or the group is out of range, or dst has too little room
   */
  public void integers(long row, int group, byte[] dst, int at) {
    Objects.requireNonNull(dst, "dst");
    Objects.checkFromIndexSize(at, format.groupSize(), dst.length);
    long block = block(row, group);
    int within = group % groupsOfBlock();
    for (int i = 0; i < format.groupSize(); i++) {
      dst[at + i] = (byte) integer(block, within, i);
    }
  }

  /**
   * Returns the scale of a group.
   *
   * @param row 0 to {@link #rows()} - 1
   * @param group 0 to {@link #groups()} - 1
   * @return the scale; may be negative or 0, and not finite where the file has such a scale
   * @throws IndexOutOfBoundsException if the row or the group is out of range
   */
  public float scale(long row, int group) {
    long block = block(row, group);
    int within = group % groupsOfBlock();
    return switch (format) {
      case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, IQ4_NL -> half(block);
      case Q4_K, Q5_K -> half(block) * sixBits(block, within, false);
      case Q6_K -> half(block + 208) * data.get(ValueLayout.JAVA_BYTE, block + 192 + within);
      case MXFP4 -> powerOfTwo(bits(block, 0, 0, 8));
      case NVFP4 -> e4m3(bits(block, within, 0, 8)) / 2;
    };
  }

  /**
   * Returns the minimum of a group, which is added to {@code scale * q}.
   *
   * @param row 0 to {@link #rows()} - 1
   * @param group 0 to {@link #groups()} - 1
   * @return the minimum, as a rule negative; 0 in formats without one
   * @throws IndexOutOfBoundsException if the row or the group is out of range
   */
  public float minimum(long row, int group) {
    long block = block(row, group);
    return switch (format) {
      case Q4_1, Q5_1 -> half(block + 2);
      case Q4_K, Q5_K -> -half(block + 2) * sixBits(block, group % groupsOfBlock(), true);
      default -> 0;
    };
  }

  /**
   * Writes a row as floats, bit for bit those of ggml.
   *
   * @param row 0 to {@link #rows()} - 1
   * @param dst takes {@link #columns()} floats
   * @throws IndexOutOfBoundsException if the row is out of range
   * @throws IllegalArgumentException if dst is too short
   */
  public void dequantize(long row, float[] dst) {
    Objects.requireNonNull(dst, "dst");
    Objects.checkIndex(row, rows);
    if (dst.length < columns) {
      throw new IllegalArgumentException("dst: expected " + columns + " floats, got " + dst.length);
    }
    dequantize(row, dst, 0);
  }

  /**
   * Writes a row as floats from an index on, bit for bit those of ggml. Allocates nothing.
   *
   * @param row 0 to {@link #rows()} - 1
   * @param dst takes {@link #columns()} floats
   * @param at the index of the first
   * @throws IndexOutOfBoundsException if the row is out of range or dst has no room
   */
  public void dequantize(long row, float[] dst, int at) {
    Objects.requireNonNull(dst, "dst");
    Objects.checkIndex(row, rows);
    Objects.checkFromIndexSize(at, columns, dst.length);
    int size = format.groupSize();
    for (int group = 0; group < groups(); group++) {
      long block = block(row, group);
      int within = group % groupsOfBlock();
      float scale = scale(row, group);
      float minimum = minimum(row, group);
      for (int i = 0; i < size; i++) {
        float product = scale * integer(block, within, i);
        dst[at + group * size + i] = format.hasMinimum() ? product + minimum : product;
      }
    }
  }

  /**
   * Writes a row as floats to memory.
   *
   * @param row 0 to {@link #rows()} - 1
   * @param dst takes {@link #columns()} floats, of any alignment
   * @throws IndexOutOfBoundsException if the row is out of range
   * @throws IllegalArgumentException if dst is too small or read-only
   */
  public void dequantize(long row, MemorySegment dst) {
    Objects.requireNonNull(dst, "dst");
    if (dst.isReadOnly() || dst.byteSize() / Float.BYTES < columns) {
      throw new IllegalArgumentException("dst: expected " + columns + " floats that can be written, got "
          + dst.byteSize() + " bytes" + (dst.isReadOnly() ? ", read-only" : ""));
    }
    float[] floats = new float[columns];
    dequantize(row, floats);
    MemorySegment.copy(floats, 0, dst, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, columns);
  }

  private int groupsOfBlock() {
    return format.elements() / format.groupSize();
  }

  /** Where the block of a group begins. */
  private long block(long row, int group) {
    Objects.checkIndex(row, rows);
    Objects.checkIndex(group, groups());
    return (row * (columns / format.elements()) + group / groupsOfBlock()) * format.bytes();
  }

  /** Weight i of a group of a block. */
  private int integer(long block, int group, int i) {
    return switch (format) {
      case Q4_0 -> apart(block, 2, 16, i) - 8;
      case Q4_1 -> apart(block, 4, 16, i);
      case Q5_0 -> apart(block, 6, 16, i) + bits(block, 2 + i / 8, i % 8, 1) * 16 - 16;
      case Q5_1 -> apart(block, 8, 16, i) + bits(block, 4 + i / 8, i % 8, 1) * 16;
      case Q8_0 -> data.get(ValueLayout.JAVA_BYTE, block + 2 + i);
      case Q4_K -> apart(block, K_HEAD + group / 2 * 32, 32, group % 2 * 32 + i);
      case Q5_K -> apart(block, K_HEAD + 32 + group / 2 * 32, 32, group % 2 * 32 + i)
          + bits(block, K_HEAD + i, group, 1) * 16;
      case Q6_K -> sixBits(block, group * 16 + i) - 32;
      case IQ4_NL -> NONLINEAR[apart(block, 2, 16, i)];
      case MXFP4 -> E2M1[apart(block, 1, 16, i)];
      case NVFP4 -> E2M1[apart(block, 4 + group * 8, 8, i)];
    };
  }

  /** Half a byte: number i of those from an offset on, whose low halves come first, then their high ones. */
  private int apart(long block, int offset, int count, int i) {
    return bits(block, offset + i % count, i / count * 4, 4);
  }

  private int sixBits(long block, int element) {
    int half = element / 128;
    int quarter = element % 128 / 32;
    int k = element % 32;
    return bits(block, 64 * half + 32 * (quarter % 2) + k, quarter / 2 * 4, 4)
        + bits(block, 128 + 32 * half + k, 2 * quarter, 2) * 16;
  }

  /** Scale or minimum of a group of Q4_K and Q5_K: 6 bits each, the upper 2 of the last four elsewhere. */
  private int sixBits(long block, int group, boolean minimum) {
    int offset = 4 + group;
    if (group < 4) {
      return bits(block, offset + (minimum ? 4 : 0), 0, 6);
    }
    return bits(block, offset + 4, minimum ? 4 : 0, 4) + bits(block, offset - (minimum ? 0 : 4), 6, 2) * 16;
  }

  private int bits(long block, int offset, int first, int count) {
    return ((data.get(ValueLayout.JAVA_BYTE, block + offset) & 0xff) >> first) & ((1 << count) - 1);
  }

  private float half(long at) {
    return Float.float16ToFloat(data.get(F16, at));
  }

  /** 2^(e - 128); of e = 0 and 1 a subnormal number. */
  private static float powerOfTwo(int e) {
    return Float.intBitsToFloat(e < 2 ? 0x200000 << e : (e - 1) << 23);
  }

  /** An unsigned E4M3, whose code 0x7f stands for 0 and whose highest bit does not count. */
  private static float e4m3(int code) {
    if (code == 0x7f) {
      return 0;
    }
    // As a float whose exponent is too small by 127 - 7: one exact multiplication.
    return Float.intBitsToFloat((code & 0x7f) << 20) * 0x1p120f;
  }

  /** Returns format and shape. */
  @Override
  public String toString() {
    return format + " " + shape;
  }
}
