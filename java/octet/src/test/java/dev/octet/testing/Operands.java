package dev.octet.testing;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/** Puts the operands of a case into the memory that a suite wants them in. */
final class Operands {
  /** What lies between rows: no engine may read it into a result or write over it. */
  static final byte GAP = (byte) 0xa5;

  private Operands() {}

  /** Random reals, row by row: each row is of a kind. */
  static void fillRows(Dice dice, Tensor x, int rows, int k) {
    Tensor row = Tensor.zeros(DataType.F32, k);
    for (int r = 0; r < rows; r++) {
      dice.fillReal(row);
      MemorySegment.copy(row.data(), 0, x.data(), 4L * r * k, 4L * k);
    }
  }

  /** Rows with gaps between them, none after the last. */
  static MemorySegment strided(SegmentAllocator memory, Tensor dense, int rows, int columns, int gap) {
    return batched(memory, dense.reshape(1, rows, columns), gap, 0).data();
  }

  /** Matrices with gaps between their rows and between each other, none after the last row. */
  static Tensor batched(SegmentAllocator memory, Tensor dense, int gap, int batchGap) {
    int batch = dense.shape().intDim(0);
    int rows = dense.shape().intDim(1);
    int columns = dense.shape().intDim(2);
    long row = (long) columns + gap;
    long matrix = rows * row + batchGap;
    long elements = dense.elements() == 0 ? 0 : (batch - 1) * matrix + extent(rows, columns, gap);
    long bytes = dense.type().bits() / 8;
    Tensor placed = new Tensor(dense.type(), Shape.of(elements), memory(memory, elements * bytes));
    for (long r = 0; r < (long) batch * rows && columns > 0; r++) {
      MemorySegment.copy(dense.data(), r * columns * bytes, placed.data(),
          (r / rows * matrix + r % rows * row) * bytes, columns * bytes);
    }
    return placed;
  }

  /** Memory for a result of rows with gaps between them; all of it filled as a gap. */
  static Tensor result(SegmentAllocator memory, DataType type, int rows, int columns, int gap) {
    Shape shape = Shape.of(extent(rows, columns, gap));
    return new Tensor(type, shape, memory(memory, type.bytes(shape.elements())));
  }

  /** A dense result as it should lie in memory of {@link #result}. */
  static Tensor withGaps(Tensor dense, int rows, int columns, int gap) {
    return batched(Arena.ofAuto(), dense.reshape(1, rows, columns), gap, 0);
  }

  /** Memory for a dense result, filled as if nothing had been written. */
  static MemorySegment memory(SegmentAllocator memory, long bytes) {
    return memory.allocate(bytes, 1).fill(GAP);
  }

  static MemorySegment floats(SegmentAllocator memory, float[] values) {
    MemorySegment segment = memory.allocate(4L * values.length, 1);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, values.length);
    return segment;
  }

  static MemorySegment ints(SegmentAllocator memory, int[] values) {
    MemorySegment segment = memory.allocate(4L * values.length, 1);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_INT_UNALIGNED, 0, values.length);
    return segment;
  }

  /** Weights {@code [K][N]} in a layout, with scales and zero points per tensor or per column. */
  static QTensor weights(SegmentAllocator memory, Tensor w, WeightLayout layout, float[] scales,
      int[] zeroPoints) {
    boolean outIn = layout == WeightLayout.OUT_IN;
    Tensor stored = (outIn ? transpose(w) : w).copyTo(memory);
    Quantization quantization = scales.length == 1 && zeroPoints.length == 1
        ? Quantization.perTensor(scales[0], zeroPoints[0])
        : Quantization.perChannel(outIn ? 0 : 1, scales, zeroPoints);
    return QTensor.of(w.type(), stored.shape(), quantization, stored.data());
  }

  /** A matrix with rows and columns exchanged. */
  static Tensor transpose(Tensor matrix) {
    long rows = matrix.shape().dim(0);
    long columns = matrix.shape().dim(1);
    Tensor result = Tensor.zeros(matrix.type(), columns, rows);
    for (long row = 0; row < rows; row++) {
      for (long column = 0; column < columns; column++) {
        result.set(column * rows + row, matrix.get(row * columns + column));
      }
    }
    return result;
  }

  /** Images or weights {@code [a][height][width][channels]} as {@code [a][channels][height][width]}. */
  static Tensor channelsFirst(Tensor tensor) {
    return swap(tensor, tensor.shape().dim(1) * tensor.shape().dim(2), tensor.shape().dim(3),
        Shape.of(tensor.shape().dim(0), tensor.shape().dim(3), tensor.shape().dim(1), tensor.shape().dim(2)));
  }

  /** Images or weights {@code [a][channels][height][width]} as {@code [a][height][width][channels]}. */
  static Tensor channelsLast(Tensor tensor) {
    return swap(tensor, tensor.shape().dim(1), tensor.shape().dim(2) * tensor.shape().dim(3),
        Shape.of(tensor.shape().dim(0), tensor.shape().dim(2), tensor.shape().dim(3), tensor.shape().dim(1)));
  }

  /** Weights {@code [O][H][W][I]} as {@code [H][W][I][O]}. */
  static Tensor outputsLast(Tensor tensor) {
    Shape s = tensor.shape();
    return swap(
        new Tensor(tensor.type(), Shape.of(1, s.dim(0), s.dim(1) * s.dim(2), s.dim(3)), tensor.data()),
        s.dim(0), s.dim(1) * s.dim(2) * s.dim(3), Shape.of(s.dim(1), s.dim(2), s.dim(3), s.dim(0)));
  }

  /**
   * Each of the outermost as a matrix of rows and columns that are exchanged; the elements are whole bytes.
   */
  private static Tensor swap(Tensor tensor, long rows, long columns, Shape shape) {
    Tensor result = Tensor.zeros(tensor.type(), shape.toArray());
    long bytes = tensor.type().bits() / 8;
    for (long from = 0; from < tensor.elements(); from++) {
      long outer = from / (rows * columns);
      long to = (outer * columns + from % columns) * rows + from / columns % rows;
      MemorySegment.copy(tensor.data(), from * bytes, result.data(), to * bytes, bytes);
    }
    return result;
  }

  private static long extent(int rows, int columns, int gap) {
    return rows == 0 ? 0 : (rows - 1L) * (columns + gap) + columns;
  }
}
