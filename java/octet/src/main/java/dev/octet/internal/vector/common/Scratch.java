package dev.octet.internal.vector.common;

import dev.octet.internal.call.StatePool;
import dev.octet.internal.epilogue.Staging;
import dev.octet.internal.vector.loops.GroupedRows;
import dev.octet.internal.vector.loops.ProductLoops;
import dev.octet.internal.vector.loops.QuantizedRow;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The arrays of one running tile of a product. */
public final class Scratch extends StatePool.State {
  /** The most rows of a tile: enough to pay for reading weights, few enough for the second cache. */
  public static final int ROWS = 64;
  /** The most columns for which accumulators are held. */
  public static final int COLUMNS = ProductLoops.WIDEST;
  /**
   * The most rows that are multiplied one by one, in integers; with 8 the loops of floats are as fast.
   */
  public static final int FEW_ROWS = 6;

  /** Rows of nibbles that are unpacked together, and no fewer than the longest group has. */
  public static final int UNPACKED_ROWS = 256;

  private static final int WIDTH = Form.PRODUCTS.panelColumns(COLUMNS);

  /** Of the block of K that is multiplied. */
  public final float[] rows = new float[ROWS * ProductLoops.STRIDE];
  public final float[][] sums = new float[ROWS][WIDTH];
  public final int[] accumulators = new int[ROWS * COLUMNS];
  public final MemorySegment accumulatorSegment = MemorySegment.ofArray(accumulators);
  public final byte[] bytes = new byte[ProductLoops.DEPTH];
  final float[] rowScales = new float[ROWS];
  public final MemorySegment rowScaleSegment = MemorySegment.ofArray(rowScales);
  final int[] rowZeroPoints = new int[ROWS];
  public final MemorySegment rowZeroPointSegment = MemorySegment.ofArray(rowZeroPoints);
  public final int[] rowSums = new int[ROWS];
  public final MemorySegment rowSumSegment = MemorySegment.ofArray(rowSums);
  public final Staging staging = new Staging();

  private byte[] quantized = {};
  private MemorySegment quantizedSegment = MemorySegment.ofArray(quantized);
  private FloatScratch floats;

  /** What products with float results need besides. */
  public static final class FloatScratch {
    public final float[] results = new float[ROWS * COLUMNS];
    public final float[][] moreSums = new float[ROWS][WIDTH];
    /** A part of a panel of nibbles, unpacked. */
    public final byte[] panel = new byte[UNPACKED_ROWS * WIDTH];
    /** The scratch's rows. */
    public final GroupedRows grouped;
    private final QuantizedRow[] quantizedRows = new QuantizedRow[FEW_ROWS];

    private FloatScratch(float[] rows) {
      this.grouped = new GroupedRows(rows, ROWS);
      Arrays.setAll(quantizedRows, row -> new QuantizedRow());
    }

    /** One of the few rows that are multiplied one by one. */
    public QuantizedRow row(int row) {
      return quantizedRows[row];
    }
  }

  /** Heap that a running tile takes. */
  public static long heap() {
    return 4L * ROWS * (ProductLoops.STRIDE + WIDTH + COLUMNS + 3) + ProductLoops.DEPTH + Staging.bytes();
  }

  /** Heap that a running tile of a product with float results takes. */
  public static long floatHeap() {
    return heap() + 4L * ROWS * (COLUMNS + WIDTH) + GroupedRows.heap(ROWS)
        + (long) UNPACKED_ROWS * WIDTH;
  }

  /** U8 rows, for so many bytes. */
  public MemorySegment quantized(int size) {
    if (quantized.length < size) {
      quantized = new byte[size];
      quantizedSegment = MemorySegment.ofArray(quantized);
    }
    return quantizedSegment;
  }

  /**
   * Says what rows bring; from the caller's memory into arrays beside the sums of the rows.
   *
   * @param scales F32, unaligned, or null
   * @param firstScale the element of the first row
   * @param zeroPoints S32, unaligned, or null
   * @param firstZeroPoint the element of the first row
   * @param count rows
   */
  public void rows(MemorySegment scales, long firstScale, MemorySegment zeroPoints, long firstZeroPoint,
      int count) {
    if (scales != null) {
      MemorySegment.copy(scales, ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * firstScale, rowScales, 0, count);
    }
    if (zeroPoints != null) {
      MemorySegment.copy(zeroPoints, ValueLayout.JAVA_INT_UNALIGNED, 4 * firstZeroPoint, rowZeroPoints, 0,
          count);
    }
    staging.rows(scales == null ? null : rowScaleSegment, zeroPoints == null ? null : rowZeroPointSegment,
        rowSumSegment, 0);
  }

  /** Returns the F32 scales of some rows, at most {@link #ROWS}, that all have the same. */
  public MemorySegment sameScale(float scale, int rows) {
    Arrays.fill(rowScales, 0, rows, scale);
    return rowScaleSegment;
  }

  public FloatScratch floats() {
    if (floats == null) {
      floats = new FloatScratch(rows);
    }
    return floats;
  }

  @Override
  protected void clear() {
    staging.clear();
  }
}
