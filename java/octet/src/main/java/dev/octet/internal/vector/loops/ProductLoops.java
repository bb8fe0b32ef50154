package dev.octet.internal.vector.loops;

import java.util.Arrays;

/**
 * The inner loops of a product of rows of floats with signed bytes. Rows lie {@link #STRIDE} floats apart;
 * weights lie in panels of some columns, {@code [depth][width]}.
 *
 * <p>
 * A product of integers is exact in FP32 whatever the order of summation: with rows and weights in -128..127
 * no product is larger than 2^14 in magnitude and no partial sum of {@link #DEPTH} = 2^10 of them larger than
 * 2^24, up to which floats hold every integer; so no addition rounds, fused or not. The bound is reached by
 * -128 x -128 alone, and beyond it odd sums are no floats any more. U8 rows and weights become S8 first, 128
 * less.
 *
 * <p>
 * Loops write whole blocks of {@link #rowBlock} rows: arrays have room for that many, what lies behind the
 * last row is read and written, and nobody looks at it.
 */
public interface ProductLoops {
  /** The most of K in one product. */
  int DEPTH = 1024;

  /**
   * Floats from one row to the next. Not 1,024: rows 4 KB apart would meet in the same sets of the first
   * cache.
   */
  int STRIDE = DEPTH + 16;

  /** Room for sums of a row. */
  int ROW_SUMS = 1024;

  /** The most columns of a panel. */
  int WIDEST = 1024;

  /**
   * The width of panels.
   *
   * @param n columns of a matrix
   * @return columns of a panel, at most {@link #WIDEST}, a multiple of 8
   */
  int panelColumns(int n);

  /** Rows that are multiplied together. */
  int rowBlock();

  /**
   * Multiplies rows by a part of a panel: {@code sums[r][c] = sum over k of rows[r][k] * panel[k][c]}.
   *
   * @param rows row r begins at {@code from + r * STRIDE}
   * @param from the first float of row 0
   * @param count rows, at least 1
   * @param panel the weights
   * @param at the first byte of the part
   * @param depth its rows, at least 1
   * @param width its columns, those of the panel
   * @param sums an array for each row, written
   */
  void multiply(float[] rows, int from, int count, byte[] panel, int at, int depth, int width,
      float[][] sums);

  /**
   * Multiplies rows by a part of a panel of floats, and adds the products to sums, by fused multiply-add in
   * ascending order of k: the law of products of floats.
   *
   * @param rows row r begins at {@code r * STRIDE}
   * @param count rows, at least 1
   * @param panel the weights
   * @param at the first float of the part
   * @param depth its rows, at least 1
   * @param width its columns, those of the panel
   * @param sums an array for each row, read and written
   */
  void multiplyAdd(float[] rows, int count, float[] panel, int at, int depth, int width, float[][] sums);

  /**
   * Adds sums that are integers up to 2^24 to accumulators, modulo 2^32.
   *
   * @param sums {@code count} rows of {@code width}
   * @param count rows
   * @param width columns
   * @param into accumulators
   * @param at the first of them
   * @param stride from one row to the next
   * @param fresh whether the sums replace what is there instead
   */
  void add(float[][] sums, int count, int width, int[] into, int at, int stride, boolean fresh);

  /**
   * Adds scaled sums by fused multiply-add: {@code into = fma(sum, rowScale * columnScale, into)}.
   *
   * @param sums {@code count} rows of {@code width}
   * @param count rows
   * @param width columns
   * @param rowScales one a row, or null: all 1
   * @param rowScale the first of them
   * @param rowScaleStride from one to the next
   * @param columnScales one a column
   * @param columnScale the first of them
   * @param into results
   * @param at the first of them
   * @param stride from one row to the next
   */
  void addScaled(float[][] sums, int count, int width, float[] rowScales, int rowScale, int rowScaleStride,
      float[] columnScales, int columnScale, float[] into, int at, int stride);

  /**
   * Multiplies rows by a part of a panel in groups along K: for each group of weights
   * {@code result = fma(sum,
   * rowScale * columnScale, result)}, and with minimums {@code result = fma(rowSum, minimum, result)}. Sums
   * are those of {@link #multiply}.
   *
   * @param rows the rows
   * @param first their element that meets the first row of the part; where a group begins
   * @param count rows, at least 1
   * @param panel the weights
   * @param at the first byte of the part
   * @param depth its rows, at least 1
   * @param width its columns, those of the panel
   * @param size rows of a group; the last one may be shorter. A divisor of the rows' groups
   * @param scales one a group and column
   * @param scale the first of them, and of the minimums
   * @param minimums likewise, or null
   * @param sums room for an array for each row
   * @param into results, read and written
   * @param to the first of them
   * @param stride from one row to the next
   */
  default void multiplyGroups(GroupedRows rows, int first, int count, byte[] panel, int at, int depth,
      int width,
      int size, float[] scales, int scale, float[] minimums, float[][] sums, float[] into, int to,
      int stride) {
    for (int x = 0; x < depth; x += size) {
      int group = (first + x) / rows.groupSize();
      int column = scale + x / size * width;
      multiply(rows.values(), first + x, count, panel, at + x * width, Math.min(size, depth - x), width,
          sums);
      addScaled(sums, count, width, rows.scales(), group, GroupedRows.GROUPS, scales, column, into, to,
          stride);
      if (minimums != null) {
        for (int row = 0; row < count; row++) {
          Arrays.fill(sums[row], 0, width, rows.sums()[row * GroupedRows.GROUPS + group]);
        }
        addScaled(sums, count, width, null, 0, 0, minimums, column, into, to, stride);
      }
    }
  }

  /** Whether {@link #multiplyRow} is offered, and fast by now. */
  boolean hasRowProducts();

  /**
   * Multiplies a row of integers by a panel, group after group: {@code result = fma(sum, rowScale *
   * columnScale, result)}, and with minimums {@code result = fma(minimum, rowScale * sum of the row's group,
   * result)}. The sums are exact.
   *
   * @param row the row
   * @param panel the weights
   * @param k elements of the row
   * @param sums room, {@link #ROW_SUMS} integers
   * @param results written, not read
   * @param at the first of them, one for each column of the panel
   * @throws UnsupportedOperationException if there are {@linkplain #hasRowProducts no such loops}
   */
  void multiplyRow(QuantizedRow row, GroupedPanel panel, int k, int[] sums, float[] results, int at);

  /**
   * Unpacks 4-bit weights, two rows of a panel in one: the first in the lower halves.
   *
   * @param packed unsigned halves
   * @param at the first byte
   * @param pairs rows of packed bytes
   * @param width columns of the panel
   * @param zeroPoints one a column, subtracted
   * @param zeroPoint the first of them
   * @param panel takes {@code 2 * pairs} rows
   * @param to the first byte of them
   */
  void unpack(byte[] packed, int at, int pairs, int width, byte[] zeroPoints, int zeroPoint, byte[] panel,
      int to);

  /**
   * Signed bytes to floats, each with some bits turned over before: 0x80 makes S8 of U8.
   *
   * @param bytes from 0 on
   * @param count how many
   * @param flip the bits
   * @param floats written
   * @param at the first of them
   */
  void widen(byte[] bytes, int count, int flip, float[] floats, int at);

  /**
   * Quantizes floats in place to symmetric S8, as floats: {@code sat[-127, 127](rint(x / scale))} with
   * {@code scale = absmax / 127}, 1 where that is 0; NaN gives -127.
   *
   * @param values the floats
   * @param at the first of them
   * @param count how many, at least 1
   * @return the scale; NaN where a value is
   */
  float quantize(float[] values, int at, int count);
}
