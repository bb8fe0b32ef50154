package dev.octet.internal.epilogue;

import dev.octet.DataType;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.Numbers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The {@link Epilogue} of a product whose right operand comes with the run: its tables are filled for some
 * columns at a time, and belong to one running tile, not to the op.
 */
public final class BatchEpilogue {
  /** The most columns at a time. */
  public static final int COLUMNS = Staging.CHUNK;

  private final BatchMatMulSpec spec;
  private final int offset;
  private final int shift;
  private final int[] terms = new int[COLUMNS];
  private final int[] centredSums = new int[COLUMNS];
  private final int[] zeroPoints = new int[COLUMNS];
  /** By whether rows have zero points of their own, and whether columns have zero points other than 0. */
  private final TileEpilogue[] variants = new TileEpilogue[4];
  private TileEpilogue current;
  private int count;

  /**
   * For one running tile at a time.
   *
   * @param spec the op
   * @param offset what is added to the left operand before it is multiplied: 128 for S8 as U8, else 0; the
   *        right operand is multiplied as S8, U8 minus 128
   */
  public BatchEpilogue(BatchMatMulSpec spec, int offset) {
    this.spec = spec;
    this.offset = offset;
    this.shift = spec.right().type() == DataType.U8 ? 128 : 0;
  }

  /** The heap that one takes. */
  public static long bytes() {
    return 4L * COLUMNS * 6;
  }

  /**
   * Fills the tables.
   *
   * @param count the number of columns, at most {@link #COLUMNS}
   * @param k the number of products that were summed
   * @param sums of each column of the right operand as it is multiplied; not read unless
   *        {@link #needsColumnSums}
   * @param rowZeroPoints whether the rows have zero points of their own, in the staging
   * @param scales F32, unaligned, one a column; null unless they come with the run and are used
   * @param scalesOffset the byte of the first one
   * @param columnZeroPoints S32, unaligned, one a column; null: those of the op
   * @param columnZeroPointsOffset the byte of the first one
   */
  public void columns(int count, int k, int[] sums, boolean rowZeroPoints, MemorySegment scales,
      long scalesOffset, MemorySegment columnZeroPoints, long columnZeroPointsOffset) {
    this.count = count;
    for (int c = 0; c < count; c++) {
      int zeroPoint = columnZeroPoints == null
          ? spec.right().zeroPoint()
          : columnZeroPoints.get(ValueLayout.JAVA_INT_UNALIGNED, columnZeroPointsOffset + 4L * c);
      zeroPoints[c] = zeroPoint - shift;
      centredSums[c] = sums[c] - k * zeroPoints[c];
      terms[c] = -(rowZeroPoints ? offset : spec.left().zeroPoint() + offset) * centredSums[c];
    }
    current = variant(rowZeroPoints, needsRowSums(columnZeroPoints != null));
    Tables tables = current.columns();
    if (scales != null) {
      for (int c = 0; c < count; c++) {
        tables.multipliers[c] = Numbers.multiplier(spec.left(),
            scales.get(ValueLayout.JAVA_FLOAT_UNALIGNED, scalesOffset + 4L * c), spec.output());
      }
    }
    tables.changed();
  }

  private TileEpilogue variant(boolean rowZeroPoints, boolean asymmetric) {
    int index = (rowZeroPoints ? 2 : 0) + (asymmetric ? 1 : 0);
    if (variants[index] == null) {
      float[] scales = new float[COLUMNS];
      Arrays.fill(scales, spec.right().scale());
      variants[index] = new TileEpilogue(spec.output(), spec.left(), terms, scales, null,
          rowZeroPoints ? centredSums : null, asymmetric ? zeroPoints : null);
      if (spec.right().atRun()) {
        // Bounds of accumulators belong to multipliers that are known beforehand.
        variants[index].columns().low = null;
        variants[index].columns().high = null;
      }
    }
    return variants[index];
  }

  /**
   * Whether a tile needs the sums of its rows as they are multiplied.
   *
   * @param columnZeroPoints whether the columns have zero points of their own
   */
  public boolean needsRowSums(boolean columnZeroPoints) {
    return columnZeroPoints || spec.right().zeroPoint() != shift;
  }

  /**
   * Whether {@link #columns} needs the sums of the columns.
   *
   * @param rowZeroPoints whether the rows have zero points of their own
   */
  public boolean needsColumnSums(boolean rowZeroPoints) {
    return rowZeroPoints || spec.left().zeroPoint() + offset != 0;
  }

  /**
   * Turns the accumulators of a tile into results, after {@link #columns}.
   *
   * @param tile where the accumulators are, what the rows bring, where the results go
   * @param rows rows of the tile
   */
  public void apply(Staging tile, int rows) {
    current.apply(tile, rows, 0, count);
  }
}
