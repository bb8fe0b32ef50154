package dev.octet.op;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.WeightLayout;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import dev.octet.engine.MatrixWeights;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Product of 8-bit rows with fixed 8-bit weights:
 * {@code y[rows][N] = requantize(sum over k of (x[row][k] - zx) * (w[k][n] -
 * zw[n]) + bias[n])}, accumulated in 32-bit integers. The arithmetic is that of ONNX QLinearMatMul (8-bit
 * output), MatMulInteger (S32 output) and DynamicQuantizeMatMul (F32 output).
 */
public final class MatMul extends Op {
  private final MatMulKernel kernel;
  private final int k;
  private final int n;
  private final boolean inputPerRow;
  private final DataType output;

  private MatMul(Prepared<MatMulKernel> prepared, MatMulSpec spec) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.k = spec.weights().k();
    this.n = spec.weights().n();
    this.inputPerRow = spec.input().atRun();
    this.output = spec.output().type();
  }

  /**
   * Multiplies dense rows.
   *
   * @param x {@code [rows][K]} of the input type, one byte per element
   * @param y takes {@code [rows][N]} of the output type; shares no byte with x
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if rows is negative, a segment is too small, y is read-only, or x and y
   *         overlap
   * @throws IllegalStateException if this op is closed, or was prepared with inputPerRow
   */
  public void run(MemorySegment x, MemorySegment y, int rows) {
    run(x, k, y, n, rows);
  }

  /**
   * Multiplies rows that are a stride apart.
   *
   * @param x rows of K elements of the input type, one byte each
   * @param xStride distance from one row of x to the next in elements, K or more
   * @param y takes rows of N elements of the output type; shares no byte with x; bytes between the rows are
   *        not written
   * @param yStride distance from one row of y to the next in elements, N or more
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if rows is negative, a stride is shorter than a row, a segment is too
   *         small, y is read-only, or x and y overlap
   * @throws IllegalStateException if this op is closed, or was prepared with inputPerRow
   */
  public void run(MemorySegment x, long xStride, MemorySegment y, long yStride, int rows) {
    if (inputPerRow) {
      throw new IllegalStateException("this matMul was prepared with inputPerRow: run needs row scales");
    }
    runChecked(x, xStride, null, null, y, yStride, rows);
  }

  /**
   * Multiplies dense rows that have a scale and zero point each. For ops prepared with
   * {@link Builder#inputPerRow}.
   *
   * @param x {@code [rows][K]} of the input type, one byte per element
   * @param rowScales F32 scales, one per row, positive and finite (not checked)
   * @param rowZeroPoints S32 zero points, one per row, within the range of the input type (not checked); null
   *        if all are 0
   * @param y takes {@code [rows][N]} of the output type; shares no byte with x
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if rows is negative, a segment is too small, y is read-only, or y
   *         overlaps another segment
   * @throws IllegalStateException if this op is closed or was not prepared with inputPerRow
   */
  @SuppressWarnings("exports") // of an annotation, see module-info
  public void run(MemorySegment x, MemorySegment rowScales, @Nullable MemorySegment rowZeroPoints,
      MemorySegment y,
      int rows) {
    run(x, k, rowScales, rowZeroPoints, y, n, rows);
  }

  /**
   * Multiplies rows that are a stride apart and have a scale and zero point each. For ops prepared with
   * {@link Builder#inputPerRow}.
   *
   * @param x rows of K elements of the input type, one byte each
   * @param xStride distance from one row of x to the next in elements, K or more
   * @param rowScales F32 scales, one per row, positive and finite (not checked)
   * @param rowZeroPoints S32 zero points, one per row, within the range of the input type (not checked); null
   *        if all are 0
   * @param y takes rows of N elements of the output type; shares no byte with x; bytes between the rows are
   *        not written
   * @param yStride distance from one row of y to the next in elements, N or more
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if rows is negative, a stride is shorter than a row, a segment is too
   *         small, y is read-only, or y overlaps another segment
   * @throws IllegalStateException if this op is closed or was not prepared with inputPerRow
   */
  @SuppressWarnings("exports") // of an annotation, see module-info
  public void run(MemorySegment x, long xStride, MemorySegment rowScales,
      @Nullable MemorySegment rowZeroPoints,
      MemorySegment y, long yStride, int rows) {
    if (!inputPerRow) {
      throw new IllegalStateException("this matMul has a fixed input scale: row scales need inputPerRow");
    }
    Checks.readable("rowScales", rowScales, 4L * Checks.notNegative("rows", rows));
    if (rowZeroPoints != null) {
      Checks.readable("rowZeroPoints", rowZeroPoints, 4L * rows);
    }
    runChecked(x, xStride, rowScales, rowZeroPoints, y, yStride, rows);
  }

  private void runChecked(MemorySegment x, long xStride, @Nullable MemorySegment rowScales,
      @Nullable MemorySegment rowZeroPoints,
      MemorySegment y, long yStride, int rows) {
    Checks.notNegative("rows", rows);
    long xBytes = Checks.extent("x", rows, Checks.stride("x", xStride, k), k, 1);
    long yBytes = Checks.extent("y", rows, Checks.stride("y", yStride, n), n, output.bits() / 8);
    Checks.readable("x", x, xBytes);
    Checks.writable("y", y, yBytes);
    Checks.disjoint("x", x, xBytes, "y", y, yBytes);
    if (rowScales != null) {
      Checks.disjoint("rowScales", rowScales, 4L * rows, "y", y, yBytes);
    }
    if (rowZeroPoints != null) {
      Checks.disjoint("rowZeroPoints", rowZeroPoints, 4L * rows, "y", y, yBytes);
    }
    int ticket = enter();
    try {
      kernel.run(x, xStride, rowScales, rowZeroPoints, y, yStride, rows);
    } finally {
      exit(ticket);
    }
  }

  /**
   * Builder for {@link MatMul}; made by {@link dev.octet.Octet#matMul()}. Not safe for use by multiple
   * threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private final OutputBuilder output = new OutputBuilder();
    private @Nullable ActivationSpec input;
    private @Nullable MatrixWeights weights;
    private final BiasBuilder bias = new BiasBuilder();
    private boolean inexactEpilogue;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#matMul()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * Sets the type of the input and one scale and zero point for all rows.
     *
     * @param type U8 or S8
     * @param quantization scale and zero point, per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits, or the quantization is not per tensor,
     *         has scale 0 or a zero point outside the range of the type
     */
    public Builder input(DataType type, Quantization quantization) {
      this.input = Operands.activation("input", type, quantization);
      return this;
    }

    /**
     * Sets the type of the input, whose scales and zero points, one per row, are passed to each run.
     *
     * @param type U8 or S8
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits
     */
    public Builder inputPerRow(DataType type) {
      this.input = Operands.activationAtRun("input", type);
      return this;
    }

    /**
     * Sets the weights. They are read by {@link #prepare()}, which packs a copy.
     *
     * @param weights a matrix of S8 or U8; scales and zero points per tensor or per output feature
     * @param layout IN_OUT for {@code [K][N]}, OUT_IN for {@code [N][K]}
     * @return this
     * @throws IllegalArgumentException if the type, the shape, the layout or the granularity is none of
     *         these, or a dimension is 0 or exceeds 2^31 - 1
     */
    public Builder weights(QTensor weights, WeightLayout layout) {
      Objects.requireNonNull(weights, "weights");
      checkWeights(weights.type(), weights.quantization());
      this.weights = MatrixWeights.of(weights, layout);
      return this;
    }

    private static void checkWeights(DataType type, Quantization quantization) {
      if (!type.isByte()) {
        throw new IllegalArgumentException("weights: expected U8 or S8, got " + type
            + "; dynamicMatMul and weightOnlyMatMul take 4-bit weights");
      }
      if (quantization.granularity() == Granularity.PER_GROUP) {
        throw new IllegalArgumentException("weights: expected scales per tensor or per channel, got "
            + quantization + "; dynamicMatMul and weightOnlyMatMul take groups");
      }
    }

    /**
     * Sets weights that are packed already, by the engine that will run the op.
     *
     * @param weights S8 or U8; scales and zero points per tensor or per output feature
     * @return this
     * @throws IllegalArgumentException if the type or the granularity is none of these
     * @throws IllegalStateException if the packed weights are closed
     */
    public Builder weights(PackedWeights weights) {
      MatrixWeights packed = Objects.requireNonNull(weights, "weights").matrix();
      checkWeights(packed.type(), packed.quantization());
      this.weights = packed;
      return this;
    }

    /**
     * Sets an integer bias, which is added to the accumulators. Its scale is
     * {@code input scale * weight scale}. Replaces a float bias.
     *
     * @param bias N integers, one per output feature; copied
     * @return this
     */
    public Builder bias(int[] bias) {
      this.bias.integers(bias);
      return this;
    }

    /**
     * Sets a bias in real numbers. With F32 output it is added after scaling. With 8-bit or S32 output
     * {@link #prepare()} rounds it to integers of scale {@code input scale * weight scale}; this needs a
     * fixed input scale, and a bias of 0 for channels of weight scale 0. Replaces an integer bias.
     *
     * @param bias N finite floats, one per output feature; copied
     * @return this
     */
    public Builder bias(float[] bias) {
      this.bias.floats(bias);
      return this;
    }

    /**
     * Sets 8-bit output. Replaces any other output.
     *
     * @param type U8 or S8
     * @param quantization scale and zero point, per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits, or the quantization is not per tensor,
     *         has scale 0 or a zero point outside the range of the type
     */
    public Builder output(DataType type, Quantization quantization) {
      output.quantized(type, quantization);
      return this;
    }

    /**
     * Sets F32 output: {@code f32(acc) * f32(sx * sw)}, plus the float bias. Replaces any other output.
     *
     * @return this
     */
    public Builder outputF32() {
      output.raw(DataType.F32);
      return this;
    }

    /**
     * Sets S32 output: the accumulators themselves. Replaces any other output.
     *
     * @return this
     */
    public Builder outputS32() {
      output.raw(DataType.S32);
      return this;
    }

    /**
     * Clamps the result to 0 and above. Replaces any other clamp.
     *
     * @return this
     */
    public Builder relu() {
      return clamp(0, Float.POSITIVE_INFINITY);
    }

    /**
     * Clamps the result to 0 to 6. Replaces any other clamp.
     *
     * @return this
     */
    public Builder relu6() {
      return clamp(0, 6);
    }

    /**
     * Clamps the result to a range. Replaces any other clamp. Not offered with S32 output.
     *
     * @param min the smallest result as a real number; may be -Infinity
     * @param max the largest result as a real number; may be Infinity
     * @return this
     * @throws IllegalArgumentException if min is greater than max, or one of them is NaN
     */
    public Builder clamp(float min, float max) {
      output.clamp(min, max);
      return this;
    }

    /**
     * Allows an engine to use a rounding of its own. 8-bit results may differ from the numerics law by 1, in
     * rare ties; F32 results by 2^-20 of their magnitude where bias and product do not cancel out. Where a
     * scale, a product of scales or its quotient by the output's is below 2^-96 or above 2^96 the exact form
     * runs. {@link Op#exact()} returns whether the op rounds by the law.
     *
     * @return this
     */
    public Builder allowInexactEpilogue() {
      this.inexactEpilogue = true;
      return this;
    }

    /**
     * Validates the settings, chooses an engine and a kernel, and packs the weights.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if a required setting is missing or settings do not fit each other
     *         (the message names the operand), or a combination of scales is not a normal number in binary32
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public MatMul prepare() {
      if (input == null) {
        throw new IllegalArgumentException("input: not given; call input(...) or inputPerRow(...)");
      }
      if (weights == null) {
        throw new IllegalArgumentException("weights: not given");
      }
      MatMulSpec spec = new MatMulSpec(weights, input,
          bias.integersFor(weights.n(), input, this::weightScale, output),
          bias.floatsFor(weights.n(), output), output.spec(), inexactEpilogue);
      ScaleRange.product("input", input, "weights", weights.quantization(), spec.output(), bias.isReal());
      return new MatMul(dispatch.prepare("matMul", backend -> backend.matMul(spec)), spec);
    }

    private float weightScale(int column) {
      return weights.scale(0, column);
    }
  }
}
