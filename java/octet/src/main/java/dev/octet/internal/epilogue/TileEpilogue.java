package dev.octet.internal.epilogue;

import dev.octet.DataType;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The passes of an epilogue over one tile, whatever made the tables of its columns: in liboctet where the
 * staging has kernels of it, no operand lies in a heap array and the accumulators need no adding up, else in
 * the loops of this package.
 *
 * <p>
 * One core of an AVX2 machine (Zen 3), elements/ns, 32 x 768 accumulators in L1 and L2: 8-bit output 2.7,
 * with a multiplier above 1 or row scales 1.9; F32 4.5; against 18 for a copy.
 */
final class TileEpilogue {
  private final OutputSpec output;
  private final boolean atRun;
  private final Tables columns;

  /**
   * From what columns bring.
   *
   * @param output what becomes of an accumulator
   * @param input the rows; scales and zero points at run or fixed
   * @param terms added to the accumulator
   * @param scales the weights'
   * @param floatBias added after scaling, or null
   * @param centredSums where zero points come with the run, else null
   * @param weightZeroPoints as multiplied, or null: all 0
   */
  TileEpilogue(OutputSpec output, ActivationSpec input, int[] terms, float[] scales,
      float[] floatBias, int[] centredSums, int[] weightZeroPoints) {
    this.output = output;
    this.atRun = input.atRun();
    this.columns = new Tables();
    columns.terms = terms;
    columns.floatBias = floatBias;
    columns.centredSums = centredSums;
    columns.weightZeroPoints = weightZeroPoints;
    if (output.type() != DataType.S32) {
      columns.multipliers = new float[terms.length];
      for (int c = 0; c < terms.length; c++) {
        columns.multipliers[c] = Numbers.multiplier(input, scales[c], output);
      }
    }
    if (output.type().isByte() && !atRun) {
      Saturation saturation = Saturation.of(columns.multipliers, output);
      columns.low = saturation == null ? null : saturation.low;
      columns.high = saturation == null ? null : saturation.high;
    }
  }

  /** The same with other terms; all else is shared. */
  TileEpilogue(TileEpilogue other, int[] terms) {
    this.output = other.output;
    this.atRun = other.atRun;
    this.columns = new Tables(other.columns);
    columns.terms = terms;
  }

  /** The tables; whoever changes an entry says so by {@link Tables#changed}. */
  Tables columns() {
    return columns;
  }

  boolean needsRowSums() {
    return columns.weightZeroPoints != null;
  }

  long bytes() {
    return 4 * columns.entries();
  }

  OutputSpec output() {
    return output;
  }

  /** Whether rows have scales, and maybe zero points, of their own. */
  boolean atRun() {
    return atRun;
  }

  void apply(Staging tile, int rows, int c0, int c1) {
    if (tile.kernels != null && EpilogueKernels.takes(tile)) {
      tile.kernels.apply(this, tile, rows, c0, c1);
      return;
    }
    boolean rowByRow = atRun || columns.weightZeroPoints != null;
    for (int c = c0; c < c1; c += Staging.CHUNK) {
      int width = Math.min(Staging.CHUNK, c1 - c);
      // Rows lie behind each other in the staging arrays, and so do the tables: one loop for many short rows.
      int together = rowByRow ? 1 : Math.min(rows, Staging.CHUNK / width);
      Tables tables = columns;
      if (c > 0 || together > 1) {
        tables = tile.tables;
        tables.hold(columns, c, width, together);
      }
      for (int row = 0; row < rows; row += together) {
        rows(tile, tables, row, Math.min(together, rows - row), c - c0, width);
      }
    }
  }

  private void rows(Staging tile, Tables tables, int row, int count, int shift, int width) {
    int total = count * width;
    long from = tile.accumulatorOffset + row * tile.accumulatorStride + shift;
    load(tile.accumulators, from, tile.accumulatorStride, tile.sums, count, width);
    for (int plane = 1; plane < tile.planes; plane++) {
      load(tile.accumulators, from + plane * tile.planeDistance, tile.accumulatorStride, tile.integers, count,
          width);
      Loops.add(tile.integers, tile.sums, total);
    }
    if (columns.centredSums != null) {
      int zeroPoint = tile.rowZeroPoints == null
          ? 0
          : tile.rowZeroPoints.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * (tile.firstRow + row));
      Loops.addProduct(tables.centredSums, -zeroPoint, tile.sums, total);
    }
    if (columns.weightZeroPoints != null) {
      int sum = tile.rowSums.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * (tile.firstRow + row));
      Loops.addProduct(tables.weightZeroPoints, -sum, tile.sums, total);
    }
    long at = tile.outputOffset + row * tile.outputStride + shift;
    switch (output.type()) {
      case S32 -> {
        Loops.add(tables.terms, tile.sums, total);
        store(tile.sums, 4, tile.output, ValueLayout.JAVA_INT_UNALIGNED, at, tile.outputStride, count, width);
      }
      case F32 -> {
        toFloats(tile, tables, row, total);
        store(tile.floats, 4, tile.output, ValueLayout.JAVA_FLOAT_UNALIGNED, at, tile.outputStride, count,
            width);
      }
      default -> {
        toBytes(tile, tables, row, total);
        store(tile.bytes, 1, tile.output, ValueLayout.JAVA_BYTE, at, tile.outputStride, count, width);
      }
    }
  }

  private void toFloats(Staging tile, Tables tables, int row, int total) {
    if (atRun) {
      Loops.scale(tile.sums, tables.terms, tables.multipliers, rowScale(tile, row), tile.floats, total);
    } else {
      Loops.scale(tile.sums, tables.terms, tables.multipliers, tile.floats, total);
    }
    if (columns.floatBias != null) {
      Loops.add(tables.floatBias, tile.floats, total);
    }
    if (output.min() != Float.NEGATIVE_INFINITY) {
      Loops.atLeast(output.min(), tile.floats, total);
    }
    if (output.max() != Float.POSITIVE_INFINITY) {
      Loops.atMost(output.max(), tile.floats, total);
    }
  }

  private void toBytes(Staging tile, Tables tables, int row, int total) {
    if (columns.low != null) {
      Loops.requantize(tile.sums, tables.terms, tables.low, tables.high, tables.multipliers,
          output.zeroPoint(), tile.bytes, total);
    } else {
      Loops.requantize(tile.sums, tables.terms, tables.multipliers, atRun ? rowScale(tile, row) : 1,
          output.zeroPoint(), output.lo(), output.hi(), tile.floats, total);
      Loops.narrow(tile.floats, tile.bytes, total);
    }
  }

  private static float rowScale(Staging tile, int row) {
    return tile.rowScales.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (tile.firstRow + row));
  }

  private static void load(MemorySegment src, long at, long stride, int[] dst, int count, int width) {
    if (stride == width || count == 1) {
      MemorySegment.copy(src, ValueLayout.JAVA_INT_UNALIGNED, 4 * at, dst, 0, count * width);
      return;
    }
    for (int r = 0; r < count; r++) {
      MemorySegment.copy(src, ValueLayout.JAVA_INT_UNALIGNED, 4 * (at + r * stride), dst, r * width, width);
    }
  }

  private static void store(Object src, int size, MemorySegment dst, ValueLayout layout, long at, long stride,
      int count, int width) {
    if (stride == width || count == 1) {
      MemorySegment.copy(src, 0, dst, layout, size * at, count * width);
      return;
    }
    for (int r = 0; r < count; r++) {
      MemorySegment.copy(src, r * width, dst, layout, size * (at + r * stride), width);
    }
  }
}
