package dev.octet.testing;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/** Puts the operands of a case into the memory that a suite wants them in. */
final class Operands {
  /** What lies between rows: no engine may read it into a result or write over it. */
  private static final byte GAP = (byte) 0xa5;

  private Operands() {}

  /** Rows with gaps between them, none after the last. */
  static MemorySegment strided(SegmentAllocator memory, Tensor dense, int rows, int columns, int gap) {
    int bytes = dense.type().bits() / 8;
    MemorySegment segment = memory.allocate(extent(rows, columns, gap) * bytes, 1);
    segment.fill(GAP);
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(dense.data(), (long) row * columns * bytes, segment,
          (long) row * (columns + gap) * bytes, (long) columns * bytes);
    }
    return segment;
  }

  /** Memory for a result of rows with gaps between them; all of it filled as a gap. */
  static Tensor result(SegmentAllocator memory, DataType type, int rows, int columns, int gap) {
    Shape shape = Shape.of(extent(rows, columns, gap));
    MemorySegment segment = memory.allocate(type.bytes(shape.elements()), 1);
    segment.fill(GAP);
    return new Tensor(type, shape, segment);
  }

  /** A dense result as it should lie in memory of {@link #result}. */
  static Tensor withGaps(Tensor dense, int rows, int columns, int gap) {
    Tensor result = Tensor.zeros(dense.type(), extent(rows, columns, gap));
    result.data().copyFrom(strided((size, alignment) -> Tensor.zeros(DataType.U8, size).data(), dense, rows,
        columns, gap));
    return result;
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

  private static long extent(int rows, int columns, int gap) {
    return rows == 0 ? 0 : (rows - 1L) * (columns + gap) + columns;
  }
}
