package dev.octet.quantize.file;

import dev.octet.BlockTensor;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A tensor of a {@link GgufFile}: plain numbers or blocks, row after row. The memory is the file's, and goes
 * when the file is closed. Immutable.
 */
public final class GgufTensor {
  private final String name;
  private final GgufType type;
  private final String typeName;
  private final Shape shape;
  private final MemorySegment data;

  GgufTensor(GgufHeader.Place info, MemorySegment data) {
    this.name = info.name();
    this.type = info.type();
    this.typeName = info.typeName();
    this.shape = info.shape();
    this.data = data.asReadOnly();
  }

  /** The elements of a row, which are those of the last dimension. */
  static long rowElements(Shape shape) {
    return shape.rank() == 0 ? 1 : shape.dim(shape.rank() - 1);
  }

  /**
   * Returns the name.
   *
   * @return the name, as the file has it
   */
  public String name() {
    return name;
  }

  /**
   * Returns the type.
   *
   * @return the type; OTHER where it is not known
   */
  public GgufType type() {
    return type;
  }

  /**
   * Returns the name of the type.
   *
   * @return that of {@link #type()}, or "type NUMBER" where it is OTHER
   */
  public String typeName() {
    return typeName;
  }

  /**
   * Returns the shape in row-major order: a file has its dimensions the other way around.
   *
   * @return up to 4 dimensions, outermost first; of a weight {@code [out][in]}
   */
  public Shape shape() {
    return shape;
  }

  /**
   * Returns the bytes of the tensor.
   *
   * @return a view of the file, read-only, at any alignment; where the type is OTHER all bytes up to the next
   *         tensor
   * @throws IllegalStateException if the file is closed
   */
  public MemorySegment data() {
    if (!data.scope().isAlive()) {
      throw StoredTensor.closed(name, null);
    }
    return data;
  }

  /**
   * Returns the number of rows.
   *
   * @return the product of all dimensions but the last one; 1 for a scalar, 0 where there are no elements
   */
  public long rows() {
    return shape.elements() == 0 ? 0 : shape.elements() / rowElements(shape);
  }

  /**
   * Returns whether the elements can be read as numbers.
   *
   * @return whether {@link #row} and {@link #floats} work: of plain numbers, and of blocks in a
   *         {@link dev.octet.BlockFormat}
   */
  public boolean isReadable() {
    return type.stored().isPresent() || type.block().isPresent();
  }

  /**
   * Returns a tensor of plain numbers.
   *
   * @return a view of the file
   * @throws UnsupportedOperationException if the elements lie in blocks or the type is not known
   * @throws IllegalStateException if the file is closed
   */
  public StoredTensor stored() {
    return new StoredTensor(name, type.stored().orElseThrow(() -> unsupported("plain numbers")), shape,
        data());
  }

  /**
   * Returns a tensor of blocks.
   *
   * @return a view of the file
   * @throws UnsupportedOperationException if the elements are plain numbers, or blocks that are not read
   * @throws IllegalArgumentException if a row has more than 2^31 - 1 elements
   * @throws IllegalStateException if the file is closed
   */
  public BlockTensor block() {
    return BlockTensor.of(type.block().orElseThrow(() -> unsupported("blocks")), shape, data());
  }

  /**
   * Reads a row as floats: exact, but for I32, I64 and F64, which are rounded.
   *
   * @param row from 0 to {@link #rows()} - 1
   * @param dst takes the row from its first element on; at least as long as the last dimension
   * @throws IndexOutOfBoundsException if there is no such row, or dst is too short
   * @throws UnsupportedOperationException if the type cannot be read as numbers
   * @throws IllegalStateException if the file is closed
   * @throws java.io.UncheckedIOException if the memory is a file's that was truncated
   */
  public void row(long row, float[] dst) {
    Objects.requireNonNull(dst, "dst");
    requireReadable();
    Objects.checkIndex(row, rows());
    long elements = rowElements(shape);
    Objects.checkFromIndexSize(0L, elements, (long) dst.length);
    if (type.block().isPresent()) {
      StoredTensor.readable(name, () -> {
        block().dequantize(row, dst);
        return dst;
      });
    } else {
      stored().floats(row * elements, dst, 0, (int) elements);
    }
  }

  /**
   * Reads all elements as floats, as {@link #row} does.
   *
   * @return a new array, row-major
   * @throws UnsupportedOperationException if the type cannot be read as numbers
   * @throws IllegalArgumentException if there are more than 2^31 - 9 of them
   * @throws IllegalStateException if the file is closed
   * @throws java.io.UncheckedIOException if the memory is a file's that was truncated
   */
  public float[] floats() {
    requireReadable();
    float[] all = new float[StoredTensor.arrayLength(name, shape)];
    float[] row = new float[rows() == 0 ? 0 : (int) rowElements(shape)];
    for (int at = 0; at < all.length; at += row.length) {
      row(at / row.length, row);
      System.arraycopy(row, 0, all, at, row.length);
    }
    return all;
  }

  private void requireReadable() {
    if (!isReadable()) {
      throw unsupported("numbers");
    }
  }

  private UnsupportedOperationException unsupported(String what) {
    return new UnsupportedOperationException("tensor " + name + ": elements of "
        + (type == GgufType.OTHER ? typeName : "type " + type.id() + ", " + type) + " are not read as "
        + what);
  }

  /** Returns name, type and shape, without the elements. */
  @Override
  public String toString() {
    return name + " " + typeName + " " + shape;
  }
}
