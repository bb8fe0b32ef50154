package dev.octet.internal.vector.simd;

import dev.octet.internal.vector.loops.GroupedPanel;
import dev.octet.internal.vector.loops.GroupedRows;
import dev.octet.internal.vector.loops.ProductLoops;
import dev.octet.internal.vector.loops.QuantizedRow;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products by fused multiply-add: a block of rows times a panel of two vectors of columns, all sums in local
 * variables, which C2 keeps in registers. Bytes become floats on their way from memory to the multiplier.
 *
 * <p>
 * One core with AVX-512 (Zen 5), share of the FMA limit, 64 rows, panels of 256 to 768 x 32: 8 rows 0.97 to
 * 0.99 with bytes that are converted in the loop, and the same with panels of floats, which would take four
 * times the memory: the conversion uses units that the multiplication leaves free. So weights are bytes, and
 * there is no second form. 4 rows 0.87, 12 rows 0.98. A single row reads 53 to 60 GB/s of weights, more than
 * memory gives.
 */
final class VectorProducts implements ProductLoops {
  private static final VectorSpecies<Float> FLOATS = Species.FLOATS;
  private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
  private static final int LANES = FLOATS.length();
  /** Of a panel. */
  private static final int COLUMNS = 2 * LANES;
  /** As many bytes as a vector has floats; there is no vector of 4 bytes, so with 128 bits it is one of 8. */
  private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class,
      VectorShape.forBitSize(Math.max(64, FLOATS.vectorBitSize() / 4)));
  /** Where the upper half of a panel's row is read, and which part of what is read there. */
  private static final int HIGH_OFFSET = BYTES.length() == LANES ? LANES : 0;
  private static final int HIGH_PART = BYTES.length() == LANES ? 0 : 1;
  /** A row of a panel. */
  private static final VectorSpecies<Byte> ROW = VectorSpecies.of(byte.class,
      VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));
  /**
   * 8 rows want 20 registers. There are 32 with AVX-512 and on Arm; with AVX2 (Zen 5, lowered) 8 rows reach
   * 0.65 of the FMA limit and 4 rows all of it.
   */
  private static final int ROWS = FLOATS.vectorBitSize() == 512
      || System.getProperty("os.arch", "").equals("aarch64") ? 8 : 4;
  private static final float MAGIC = 12582912f;

  @Override
  public int panelColumns(int n) {
    return COLUMNS;
  }

  @Override
  public int rowBlock() {
    return ROWS;
  }

  /** Of so many rows, those that are multiplied in one sequence along K; the others have several sums. */
  static int grouped(int count) {
    int eights = ROWS == 8 ? (count + 3) / 8 * 8 : 0;
    return eights >= count ? count : eights + (count - eights + 1) / 4 * 4;
  }

  @Override
  public void multiply(float[] rows, int from, int count, byte[] panel, int at, int depth, int width,
      float[][] sums) {
    int row = 0;
    while (row < count) {
      int together = together(count - row);
      multiplyTogether(together, rows, from + row * STRIDE, panel, at, depth, sums, row);
      row += together;
    }
  }

  /**
   * Of so many rows that are left, how many are multiplied next; more than there are, where 3 or 5 to 7 are.
   */
  static int together(int rest) {
    return rest > 4 && ROWS == 8 ? 8 : rest > 2 ? 4 : rest;
  }

  /** Multiplies 8, 4, 2 or 1 rows by a part of a panel. */
  static void multiplyTogether(int together, float[] rows, int from, byte[] panel, int at, int depth,
      float[][] sums, int row) {
    switch (together) {
      case 8 -> eight(rows, from, panel, at, depth, sums, row);
      case 4 -> four(rows, from, panel, at, depth, sums, row);
      case 2 -> two(rows, from, panel, at, depth, sums, row);
      default -> one(rows, from, panel, at, depth, sums, row);
    }
  }

  private static FloatVector low(byte[] panel, int at) {
    return (FloatVector) ByteVector.fromArray(BYTES, panel, at).convertShape(VectorOperators.B2F, FLOATS, 0);
  }

  private static FloatVector high(byte[] panel, int at) {
    return (FloatVector) ByteVector.fromArray(BYTES, panel, at + HIGH_OFFSET)
        .convertShape(VectorOperators.B2F, FLOATS, HIGH_PART);
  }

  private static void eight(float[] rows, int from, byte[] panel, int at, int depth, float[][] sums,
      int row) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector b0 = FloatVector.zero(FLOATS);
    FloatVector a1 = FloatVector.zero(FLOATS);
    FloatVector b1 = FloatVector.zero(FLOATS);
    FloatVector a2 = FloatVector.zero(FLOATS);
    FloatVector b2 = FloatVector.zero(FLOATS);
    FloatVector a3 = FloatVector.zero(FLOATS);
    FloatVector b3 = FloatVector.zero(FLOATS);
    FloatVector a4 = FloatVector.zero(FLOATS);
    FloatVector b4 = FloatVector.zero(FLOATS);
    FloatVector a5 = FloatVector.zero(FLOATS);
    FloatVector b5 = FloatVector.zero(FLOATS);
    FloatVector a6 = FloatVector.zero(FLOATS);
    FloatVector b6 = FloatVector.zero(FLOATS);
    FloatVector a7 = FloatVector.zero(FLOATS);
    FloatVector b7 = FloatVector.zero(FLOATS);
    for (int k = 0; k < depth; k++) {
      FloatVector low = low(panel, at + k * COLUMNS);
      FloatVector high = high(panel, at + k * COLUMNS);
      FloatVector x0 = FloatVector.broadcast(FLOATS, rows[from + k]);
      a0 = x0.fma(low, a0);
      b0 = x0.fma(high, b0);
      FloatVector x1 = FloatVector.broadcast(FLOATS, rows[from + k + STRIDE]);
      a1 = x1.fma(low, a1);
      b1 = x1.fma(high, b1);
      FloatVector x2 = FloatVector.broadcast(FLOATS, rows[from + k + 2 * STRIDE]);
      a2 = x2.fma(low, a2);
      b2 = x2.fma(high, b2);
      FloatVector x3 = FloatVector.broadcast(FLOATS, rows[from + k + 3 * STRIDE]);
      a3 = x3.fma(low, a3);
      b3 = x3.fma(high, b3);
      FloatVector x4 = FloatVector.broadcast(FLOATS, rows[from + k + 4 * STRIDE]);
      a4 = x4.fma(low, a4);
      b4 = x4.fma(high, b4);
      FloatVector x5 = FloatVector.broadcast(FLOATS, rows[from + k + 5 * STRIDE]);
      a5 = x5.fma(low, a5);
      b5 = x5.fma(high, b5);
      FloatVector x6 = FloatVector.broadcast(FLOATS, rows[from + k + 6 * STRIDE]);
      a6 = x6.fma(low, a6);
      b6 = x6.fma(high, b6);
      FloatVector x7 = FloatVector.broadcast(FLOATS, rows[from + k + 7 * STRIDE]);
      a7 = x7.fma(low, a7);
      b7 = x7.fma(high, b7);
    }
    a0.intoArray(sums[row], 0);
    b0.intoArray(sums[row], LANES);
    a1.intoArray(sums[row + 1], 0);
    b1.intoArray(sums[row + 1], LANES);
    a2.intoArray(sums[row + 2], 0);
    b2.intoArray(sums[row + 2], LANES);
    a3.intoArray(sums[row + 3], 0);
    b3.intoArray(sums[row + 3], LANES);
    a4.intoArray(sums[row + 4], 0);
    b4.intoArray(sums[row + 4], LANES);
    a5.intoArray(sums[row + 5], 0);
    b5.intoArray(sums[row + 5], LANES);
    a6.intoArray(sums[row + 6], 0);
    b6.intoArray(sums[row + 6], LANES);
    a7.intoArray(sums[row + 7], 0);
    b7.intoArray(sums[row + 7], LANES);
  }

  private static void four(float[] rows, int from, byte[] panel, int at, int depth, float[][] sums, int row) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector b0 = FloatVector.zero(FLOATS);
    FloatVector a1 = FloatVector.zero(FLOATS);
    FloatVector b1 = FloatVector.zero(FLOATS);
    FloatVector a2 = FloatVector.zero(FLOATS);
    FloatVector b2 = FloatVector.zero(FLOATS);
    FloatVector a3 = FloatVector.zero(FLOATS);
    FloatVector b3 = FloatVector.zero(FLOATS);
    for (int k = 0; k < depth; k++) {
      FloatVector low = low(panel, at + k * COLUMNS);
      FloatVector high = high(panel, at + k * COLUMNS);
      FloatVector x0 = FloatVector.broadcast(FLOATS, rows[from + k]);
      a0 = x0.fma(low, a0);
      b0 = x0.fma(high, b0);
      FloatVector x1 = FloatVector.broadcast(FLOATS, rows[from + k + STRIDE]);
      a1 = x1.fma(low, a1);
      b1 = x1.fma(high, b1);
      FloatVector x2 = FloatVector.broadcast(FLOATS, rows[from + k + 2 * STRIDE]);
      a2 = x2.fma(low, a2);
      b2 = x2.fma(high, b2);
      FloatVector x3 = FloatVector.broadcast(FLOATS, rows[from + k + 3 * STRIDE]);
      a3 = x3.fma(low, a3);
      b3 = x3.fma(high, b3);
    }
    a0.intoArray(sums[row], 0);
    b0.intoArray(sums[row], LANES);
    a1.intoArray(sums[row + 1], 0);
    b1.intoArray(sums[row + 1], LANES);
    a2.intoArray(sums[row + 2], 0);
    b2.intoArray(sums[row + 2], LANES);
    a3.intoArray(sums[row + 3], 0);
    b3.intoArray(sums[row + 3], LANES);
  }

  /** Two steps of K a round: eight sums that do not wait for each other. */
  private static void two(float[] rows, int from, byte[] panel, int at, int depth, float[][] sums, int row) {
    FloatVector a00 = FloatVector.zero(FLOATS);
    FloatVector b00 = FloatVector.zero(FLOATS);
    FloatVector a10 = FloatVector.zero(FLOATS);
    FloatVector b10 = FloatVector.zero(FLOATS);
    FloatVector a01 = FloatVector.zero(FLOATS);
    FloatVector b01 = FloatVector.zero(FLOATS);
    FloatVector a11 = FloatVector.zero(FLOATS);
    FloatVector b11 = FloatVector.zero(FLOATS);
    int whole = depth & -2;
    for (int k = 0; k < whole; k += 2) {
      FloatVector low0 = low(panel, at + k * COLUMNS);
      FloatVector high0 = high(panel, at + k * COLUMNS);
      FloatVector x00 = FloatVector.broadcast(FLOATS, rows[from + k]);
      a00 = x00.fma(low0, a00);
      b00 = x00.fma(high0, b00);
      FloatVector x10 = FloatVector.broadcast(FLOATS, rows[from + k + STRIDE]);
      a10 = x10.fma(low0, a10);
      b10 = x10.fma(high0, b10);
      FloatVector low1 = low(panel, at + (k + 1) * COLUMNS);
      FloatVector high1 = high(panel, at + (k + 1) * COLUMNS);
      FloatVector x01 = FloatVector.broadcast(FLOATS, rows[from + k + 1]);
      a01 = x01.fma(low1, a01);
      b01 = x01.fma(high1, b01);
      FloatVector x11 = FloatVector.broadcast(FLOATS, rows[from + k + 1 + STRIDE]);
      a11 = x11.fma(low1, a11);
      b11 = x11.fma(high1, b11);
    }
    for (int k = whole; k < depth; k++) {
      FloatVector low = low(panel, at + k * COLUMNS);
      FloatVector high = high(panel, at + k * COLUMNS);
      FloatVector x0 = FloatVector.broadcast(FLOATS, rows[from + k]);
      a00 = x0.fma(low, a00);
      b00 = x0.fma(high, b00);
      FloatVector x1 = FloatVector.broadcast(FLOATS, rows[from + k + STRIDE]);
      a10 = x1.fma(low, a10);
      b10 = x1.fma(high, b10);
    }
    a00.add(a01).intoArray(sums[row], 0);
    b00.add(b01).intoArray(sums[row], LANES);
    a10.add(a11).intoArray(sums[row + 1], 0);
    b10.add(b11).intoArray(sums[row + 1], LANES);
  }

  /** Four steps of K a round, likewise. */
  private static void one(float[] rows, int from, byte[] panel, int at, int depth, float[][] sums, int row) {
    FloatVector a00 = FloatVector.zero(FLOATS);
    FloatVector b00 = FloatVector.zero(FLOATS);
    FloatVector a01 = FloatVector.zero(FLOATS);
    FloatVector b01 = FloatVector.zero(FLOATS);
    FloatVector a02 = FloatVector.zero(FLOATS);
    FloatVector b02 = FloatVector.zero(FLOATS);
    FloatVector a03 = FloatVector.zero(FLOATS);
    FloatVector b03 = FloatVector.zero(FLOATS);
    int whole = depth & -4;
    for (int k = 0; k < whole; k += 4) {
      FloatVector low0 = low(panel, at + k * COLUMNS);
      FloatVector high0 = high(panel, at + k * COLUMNS);
      FloatVector x0 = FloatVector.broadcast(FLOATS, rows[from + k]);
      a00 = x0.fma(low0, a00);
      b00 = x0.fma(high0, b00);
      FloatVector low1 = low(panel, at + (k + 1) * COLUMNS);
      FloatVector high1 = high(panel, at + (k + 1) * COLUMNS);
      FloatVector x1 = FloatVector.broadcast(FLOATS, rows[from + k + 1]);
      a01 = x1.fma(low1, a01);
      b01 = x1.fma(high1, b01);
      FloatVector low2 = low(panel, at + (k + 2) * COLUMNS);
      FloatVector high2 = high(panel, at + (k + 2) * COLUMNS);
      FloatVector x2 = FloatVector.broadcast(FLOATS, rows[from + k + 2]);
      a02 = x2.fma(low2, a02);
      b02 = x2.fma(high2, b02);
      FloatVector low3 = low(panel, at + (k + 3) * COLUMNS);
      FloatVector high3 = high(panel, at + (k + 3) * COLUMNS);
      FloatVector x3 = FloatVector.broadcast(FLOATS, rows[from + k + 3]);
      a03 = x3.fma(low3, a03);
      b03 = x3.fma(high3, b03);
    }
    for (int k = whole; k < depth; k++) {
      FloatVector low = low(panel, at + k * COLUMNS);
      FloatVector high = high(panel, at + k * COLUMNS);
      FloatVector x0 = FloatVector.broadcast(FLOATS, rows[from + k]);
      a00 = x0.fma(low, a00);
      b00 = x0.fma(high, b00);
    }
    a00.add(a01).add(a02.add(a03)).intoArray(sums[row], 0);
    b00.add(b01).add(b02.add(b03)).intoArray(sums[row], LANES);
  }

  @Override
  public void multiplyAdd(float[] rows, int count, float[] panel, int at, int depth, int width,
      float[][] sums) {
    VectorFloatProducts.multiplyAdd(rows, count, ROWS, panel, at, depth, sums);
  }

  @Override
  public void add(float[][] sums, int count, int width, int[] into, int at, int stride, boolean fresh) {
    for (int row = 0; row < count; row++) {
      int to = at + row * stride;
      IntVector low = integers(sums[row], 0);
      IntVector high = integers(sums[row], LANES);
      if (!fresh) {
        low = low.add(IntVector.fromArray(INTS, into, to));
        high = high.add(IntVector.fromArray(INTS, into, to + LANES));
      }
      low.intoArray(into, to);
      high.intoArray(into, to + LANES);
    }
  }

  private static IntVector integers(float[] sums, int at) {
    return (IntVector) FloatVector.fromArray(FLOATS, sums, at).convertShape(VectorOperators.F2I, INTS, 0);
  }

  @Override
  public void addScaled(float[][] sums, int count, int width, float[] rowScales, int rowScale,
      int rowScaleStride, float[] columnScales, int columnScale, float[] into, int at, int stride) {
    addScaledFrom(0, sums, count, rowScales, rowScale, rowScaleStride, columnScales, columnScale, into, at,
        stride);
  }

  /** The same of sums from a row on. */
  static void addScaledFrom(int first, float[][] sums, int count, float[] rowScales, int rowScale,
      int rowScaleStride, float[] columnScales, int columnScale, float[] into, int at, int stride) {
    FloatVector lowScale = FloatVector.fromArray(FLOATS, columnScales, columnScale);
    FloatVector highScale = FloatVector.fromArray(FLOATS, columnScales, columnScale + LANES);
    for (int row = 0; row < count; row++) {
      int to = at + row * stride;
      float scale = rowScales == null ? 1 : rowScales[rowScale + row * rowScaleStride];
      FloatVector.fromArray(FLOATS, sums[first + row], 0)
          .fma(lowScale.mul(scale), FloatVector.fromArray(FLOATS, into, to)).intoArray(into, to);
      FloatVector.fromArray(FLOATS, sums[first + row], LANES)
          .fma(highScale.mul(scale), FloatVector.fromArray(FLOATS, into, to + LANES))
          .intoArray(into, to + LANES);
    }
  }

  @Override
  public void multiplyGroups(GroupedRows rows, int first, int count, byte[] panel, int at, int depth,
      int width,
      int size, float[] scales, int scale, float[] minimums, float[][] sums, float[] into, int to,
      int stride) {
    VectorGroupProducts.multiply(rows, first, count, panel, at, depth, size, scales, scale, minimums,
        sums, into, to, stride);
  }

  @Override
  public boolean hasRowProducts() {
    return true;
  }

  @Override
  public void multiplyRow(QuantizedRow row, GroupedPanel panel, int k, int[] sums, float[] results, int at) {
    VectorRowProducts.multiply(row, panel, k, sums, results, at);
  }

  @Override
  public void unpack(byte[] packed, int at, int pairs, int width, byte[] zeroPoints, int zeroPoint,
      byte[] panel, int to) {
    ByteVector zero = ByteVector.fromArray(ROW, zeroPoints, zeroPoint);
    for (int pair = 0; pair < pairs; pair++) {
      ByteVector both = ByteVector.fromArray(ROW, packed, at + pair * COLUMNS);
      both.and((byte) 15).sub(zero).intoArray(panel, to + 2 * pair * COLUMNS);
      both.lanewise(VectorOperators.LSHR, 4).and((byte) 15).sub(zero)
          .intoArray(panel, to + (2 * pair + 1) * COLUMNS);
    }
  }

  @Override
  public void widen(byte[] bytes, int count, int flip, float[] floats, int at) {
    int whole = count / COLUMNS * COLUMNS;
    ByteVector bits = ByteVector.broadcast(ROW, (byte) flip);
    for (int i = 0; i < whole; i += COLUMNS) {
      ByteVector both = ByteVector.fromArray(ROW, bytes, i).lanewise(VectorOperators.XOR, bits);
      ((FloatVector) both.convertShape(VectorOperators.B2F, FLOATS, 0)).intoArray(floats, at + i);
      ((FloatVector) both.convertShape(VectorOperators.B2F, FLOATS, 1)).intoArray(floats, at + i + LANES);
    }
    for (int i = whole; i < count; i++) {
      floats[at + i] = (byte) (bytes[i] ^ flip);
    }
  }

  @Override
  public float quantize(float[] values, int at, int count) {
    float absmax = 0;
    int whole = count / LANES * LANES;
    if (whole > 0) {
      FloatVector largest = FloatVector.zero(FLOATS);
      for (int i = 0; i < whole; i += LANES) {
        largest = largest.max(FloatVector.fromArray(FLOATS, values, at + i).abs());
      }
      absmax = largest.reduceLanes(VectorOperators.MAX);
    }
    for (int i = whole; i < count; i++) {
      absmax = Math.max(absmax, Math.abs(values[at + i]));
    }
    float scale = absmax / 127;
    scale = scale == 0 ? 1 : scale;
    for (int i = 0; i < whole; i += LANES) {
      // NaN converts to 0, which becomes -127.
      IntVector steps = (IntVector) FloatVector.fromArray(FLOATS, values, at + i).div(scale).add(MAGIC)
          .sub(MAGIC - 127).convertShape(VectorOperators.F2I, INTS, 0);
      ((FloatVector) steps.max(0).min(254).sub(127).convertShape(VectorOperators.I2F, FLOATS, 0))
          .intoArray(values, at + i);
    }
    for (int i = whole; i < count; i++) {
      int steps = (int) (values[at + i] / scale + MAGIC - (MAGIC - 127));
      values[at + i] = Math.min(Math.max(steps, 0), 254) - 127;
    }
    return scale;
  }
}
