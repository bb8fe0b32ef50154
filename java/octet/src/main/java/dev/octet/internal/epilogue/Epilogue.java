package dev.octet.internal.epilogue;

import dev.octet.DataType;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import dev.octet.internal.pack.SignedWeights;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * From the accumulators of an integer product to the output of an op, tolerance 0; immutable, any number of
 * threads.
 *
 * <p>
 * The product may have multiplied other integers than the op's: activations {@code a' = a + offset} (S8 as
 * U8: 128, U8 as S8: -128) and weights {@code w' = w - shift} (U8 as S8: 128). With {@code A[r] = za[r] +
 * offset} and {@code W[c] = zw[c] - shift}, both zero points in the product's own terms,
 *
 * <pre>
 * acc[r][c] = sum over k of (a - za)(w - zw) = sum of (a' - A[r])(w' - W[c])
 *           = sum of a'w'  -  A[r] * T[c]  -  R[r] * W[c]
 * T[c] = sum of (w' - W[c]) = S[c] - K * W[c]      R[r] = sum of a'
 * </pre>
 *
 * and where the product itself has subtracted A, which is then the same for all rows,
 *
 * <pre>
 * acc[r][c] = sum of (a' - A)w'  +  K * A * W[c]  -  R[r] * W[c]
 * </pre>
 *
 * All of it modulo 2^32, as the law has it, so no term needs a wider type. What depends on the column alone,
 * the integer bias included, is one table added to the accumulator.
 */
public final class Epilogue {
  private final int n;
  private final OutputSpec output;
  private final boolean atRun;
  private final int offset;
  /** Bias and what compensation is the same for all rows; repeated like every table that one loop reads. */
  private final int[] terms;
  /** T[c], or null where A is the same for all rows. */
  private final int[] centredSums;
  /** W[c], or null where all are 0. */
  private final int[] weightZeroPoints;
  /** What the accumulator is multiplied by; at run without the row's scale. Null with S32 output. */
  private final float[] multipliers;
  private final float[] floatBias;
  private final boolean clamped;
  /** See {@link Saturation}; null: clamp after rounding. */
  private final Saturation saturation;
  /** How often a table holds all columns one after the other, so that short rows make long loops. */
  private final int repeats;

  /**
   * Over tables. Where they hold a chunk of columns or more they are not copied, and may change between
   * applications unless they are told to stay the same.
   *
   * @param fixed whether the multipliers stay the same
   */
  Epilogue(int n, OutputSpec output, boolean atRun, int offset, int[] terms, int[] centredSums,
      int[] weightZeroPoints, float[] multipliers, float[] floatBias, boolean fixed) {
    this.n = n;
    this.output = output;
    this.atRun = atRun;
    this.offset = offset;
    this.repeats = Math.max(1, Staging.CHUNK / n);
    this.terms = repeat(terms);
    this.centredSums = centredSums;
    this.weightZeroPoints = weightZeroPoints;
    this.multipliers = multipliers == null ? null : repeat(multipliers);
    this.floatBias = floatBias == null ? null : repeat(floatBias);
    this.clamped = output.min() != Float.NEGATIVE_INFINITY || output.max() != Float.POSITIVE_INFINITY;
    this.saturation = output.type().isByte() && !atRun && fixed ? Saturation.of(this.multipliers, output) : null;
  }

  /**
   * The epilogue of a product with fixed weights.
   *
   * @param spec the op
   * @param weights its weights as they are multiplied
   * @param offset what was added to the activations before they are multiplied: 128 for S8 as U8, -128 for U8
   *        as S8, else 0
   * @param centred whether the product itself subtracts the zero point (plus offset) of the activations;
   *        never with zero points at run
   * @return the epilogue
   */
  public static Epilogue of(MatMulSpec spec, SignedWeights weights, int offset, boolean centred) {
    return of(spec.weights(), weights, spec.input(), offset, centred, spec.bias(), spec.floatBias(),
        spec.output());
  }

  /**
   * The epilogue of a product with fixed weights per column and float rows that were quantized to U8 one by
   * one.
   *
   * @param spec the op
   * @param weights its weights as they are multiplied
   * @param offset as above
   * @return the epilogue
   */
  public static Epilogue of(FloatMatMulSpec spec, SignedWeights weights, int offset) {
    return of(spec.weights(), weights, new ActivationSpec(DataType.U8, true, 1, 0), offset, false, null,
        spec.bias(), new OutputSpec(DataType.F32, 1, 0, 0, 0, spec.min(), spec.max()));
  }

  private static Epilogue of(MatrixWeights given, SignedWeights weights, ActivationSpec input, int offset,
      boolean centred, int[] bias, float[] floatBias, OutputSpec output) {
    if (centred && input.atRun()) {
      throw new IllegalArgumentException("centred: expected false with zero points at run");
    }
    int n = weights.n();
    int zeroPoint = input.zeroPoint() + offset;
    int[] terms = new int[n];
    float[] multipliers = output.type() == DataType.S32 ? null : new float[n];
    for (int c = 0; c < n; c++) {
      int term = bias == null ? 0 : bias[c];
      if (centred) {
        term += weights.k() * zeroPoint * weights.zeroPoints()[c];
      } else if (!input.atRun()) {
        term -= zeroPoint * weights.centredSums()[c];
      }
      terms[c] = term;
      if (multipliers != null) {
        multipliers[c] = multiplier(input, given.scale(0, c), output);
      }
    }
    return new Epilogue(n, output, input.atRun(), offset, terms,
        input.atRun() ? weights.centredSums() : null,
        weights.asymmetric() ? weights.zeroPoints() : null, multipliers, floatBias, true);
  }

  static float multiplier(ActivationSpec input, float weightScale, OutputSpec output) {
    if (input.atRun()) {
      return output.type() == DataType.F32 ? weightScale : weightScale / output.scale();
    }
    return output.type() == DataType.F32
        ? input.scale() * weightScale
        : Numbers.multiplier(input.scale(), weightScale, output.scale());
  }

  /** Whether a tile needs the sums of its rows as they are multiplied: there are weight zero points. */
  public boolean needsRowSums() {
    return weightZeroPoints != null;
  }

  /** Memory of the tables. */
  public long bytes() {
    long elements = terms.length + length(multipliers) + length(floatBias)
        + (centredSums == null ? 0 : centredSums.length)
        + (weightZeroPoints == null ? 0 : weightZeroPoints.length)
        + (saturation == null ? 0 : 2L * saturation.low.length);
    return 4 * elements;
  }

  private static long length(float[] table) {
    return table == null ? 0 : table.length;
  }

  /**
   * Turns the accumulators of a tile into results.
   *
   * @param tile where the accumulators are, what the rows bring, where the results go
   * @param rows rows of the tile
   * @param c0 the first column of the tile
   * @param c1 one behind its last column
   */
  public void apply(Staging tile, int rows, int c0, int c1) {
    int width = c1 - c0;
    // Whole rows lie behind each other in the staging arrays, as they do in the tables: one loop for many.
    int together = width == n ? repeats : 1;
    for (int row = 0; row < rows; row += together) {
      int count = Math.min(together, rows - row);
      for (int c = c0; c < c1; c += Staging.CHUNK) {
        chunk(tile, row, count, c, c - c0, Math.min(Staging.CHUNK, c1 - c));
      }
    }
  }

  private void chunk(Staging tile, int row, int count, int c, int shift, int width) {
    int total = count * width;
    load(tile.accumulators, tile.accumulatorOffset + row * tile.accumulatorStride + shift,
        tile.accumulatorStride, tile.sums, count, width);
    if (tile.addend != null) {
      load(tile.addend, tile.addendOffset + row * tile.addendStride + shift, tile.addendStride, tile.integers,
          count, width);
      Loops.add(tile.integers, tile.sums, total);
    }
    if (centredSums != null) {
      for (int r = 0; r < count; r++) {
        int zeroPoint = tile.rowZeroPoints == null
            ? 0
            : tile.rowZeroPoints.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * (tile.firstRow + row + r));
        Loops.addProduct(centredSums, c, -(zeroPoint + offset), tile.sums, r * width, width);
      }
    }
    if (weightZeroPoints != null) {
      for (int r = 0; r < count; r++) {
        int sum = tile.rowSums.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * (tile.firstRow + row + r));
        Loops.addProduct(weightZeroPoints, c, -sum, tile.sums, r * width, width);
      }
    }
    long at = tile.outputOffset + row * tile.outputStride + shift;
    switch (output.type()) {
      case S32 -> {
        Loops.add(terms, c, tile.sums, tile.integers, total);
        store(tile.integers, 4, tile.output, ValueLayout.JAVA_INT_UNALIGNED, at, tile.outputStride, count,
            width);
      }
      case F32 -> {
        toFloats(tile, row, count, c, width);
        store(tile.floats, 4, tile.output, ValueLayout.JAVA_FLOAT_UNALIGNED, at, tile.outputStride, count,
            width);
      }
      default -> {
        toBytes(tile, row, count, c, width);
        store(tile.bytes, 1, tile.output, ValueLayout.JAVA_BYTE, at, tile.outputStride, count, width);
      }
    }
  }

  private void toFloats(Staging tile, int row, int count, int c, int width) {
    int total = count * width;
    if (atRun) {
      for (int r = 0; r < count; r++) {
        Loops.scale(tile.sums, r * width, terms, multipliers, c, rowScale(tile, row + r), tile.floats, width);
      }
    } else {
      Loops.scale(tile.sums, terms, multipliers, c, tile.floats, total);
    }
    if (floatBias != null) {
      Loops.add(floatBias, c, tile.floats, total);
    }
    if (clamped) {
      Loops.clamp(tile.floats, output.min(), output.max(), total);
    }
  }

  private void toBytes(Staging tile, int row, int count, int c, int width) {
    int total = count * width;
    if (saturation != null) {
      Loops.requantize(tile.sums, terms, saturation.low, saturation.high, multipliers, c,
          (float) output.zeroPoint(), tile.floats, total);
      Loops.lowBytes(tile.floatMemory, tile.bytes, total);
      return;
    }
    if (atRun) {
      for (int r = 0; r < count; r++) {
        Loops.requantize(tile.sums, r * width, terms, multipliers, c, rowScale(tile, row + r),
            output.zeroPoint(), output.lo(), output.hi(), tile.integers, width);
      }
    } else {
      Loops.requantize(tile.sums, 0, terms, multipliers, c, 1, output.zeroPoint(), output.lo(), output.hi(),
          tile.integers, total);
    }
    Loops.narrow(tile.integers, tile.bytes, total);
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

  private int[] repeat(int[] columns) {
    if (repeats == 1) {
      return columns;
    }
    int[] table = new int[repeats * n];
    for (int i = 0; i < repeats; i++) {
      System.arraycopy(columns, 0, table, i * n, n);
    }
    return table;
  }

  private float[] repeat(float[] columns) {
    if (repeats == 1) {
      return columns;
    }
    float[] table = new float[repeats * n];
    for (int i = 0; i < repeats; i++) {
      System.arraycopy(columns, 0, table, i * n, n);
    }
    return table;
  }
}
