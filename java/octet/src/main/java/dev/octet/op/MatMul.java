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

/**
 * 8-bit rows times fixed 8-bit weights:
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
   * @param x {@code [rows][K]}, one byte an element
   * @param y {@code [rows][N]} of the output type; shares no byte with x
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if a segment is too small or read-only, or they overlap
   * @throws IllegalStateException if this op is closed, or the input is per row and no scales were given
   */
  public void run(MemorySegment x, MemorySegment y, int rows) {
    run(x, k, y, n, rows);
  }

  /**
   * Multiplies rows with gaps between them.
   *
   * @param x rows of K bytes
   * @param xStride elements from one row of x to the next, at least K
   * @param y rows of N elements of the output type; shares no byte with x
   * @param yStride elements from one row of y to the next, at least N
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if a segment is too small or read-only, a stride too short, or they
   *         overlap
   * @throws IllegalStateException if this op is closed, or the input is per row and no scales were given
   */
  public void run(MemorySegment x, long xStride, MemorySegment y, long yStride, int rows) {
    if (inputPerRow) {
      throw new IllegalStateException("this matMul was prepared with inputPerRow: run needs row scales");
    }
    runChecked(x, xStride, null, null, y, yStride, rows);
  }

  /**
   * Multiplies dense rows, each with its own scale and zero point; after {@link Builder#inputPerRow}.
   *
   * @param x {@code [rows][K]}, one byte an element
   * @param rowScales F32, one a row, positive and finite (not checked)
   * @param rowZeroPoints S32, one a row, within the range of the input type (not checked); null: all 0
   * @param y {@code [rows][N]} of the output type; shares no byte with x
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if a segment is too small or read-only, or y overlaps an input
   * @throws IllegalStateException if this op is closed or was not prepared with inputPerRow
   */
  public void run(MemorySegment x, MemorySegment rowScales, MemorySegment rowZeroPoints, MemorySegment y,
      int rows) {
    run(x, k, rowScales, rowZeroPoints, y, n, rows);
  }

  /**
   * Multiplies rows with gaps between them, each with its own scale and zero point; after
   * {@link Builder#inputPerRow}.
   *
   * @param x rows of K bytes
   * @param xStride elements from one row of x to the next, at least K
   * @param rowScales F32, one a row, positive and finite (not checked)
   * @param rowZeroPoints S32, one a row, within the range of the input type (not checked); null: all 0
   * @param y rows of N elements of the output type; shares no byte with x
   * @param yStride elements from one row of y to the next, at least N
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if a segment is too small or read-only, a stride too short, or y
   *         overlaps an input
   * @throws IllegalStateException if this op is closed or was not prepared with inputPerRow
   */
  public void run(MemorySegment x, long xStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
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

  private void runChecked(MemorySegment x, long xStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
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

  /** What a matMul is to be; made by {@link dev.octet.Octet#matMul()}. */
  public static final class Builder {
    private final Dispatch dispatch;
    private final OutputBuilder output = new OutputBuilder();
    private ActivationSpec input;
    private MatrixWeights weights;
    private final BiasBuilder bias = new BiasBuilder();
    private boolean inexactEpilogue;

    /**
     * For {@link dev.octet.Octet}.
     *
     * @param dispatch finds the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * Rows with one scale and zero point, known now.
     *
     * @param type U8 or S8
     * @param quantization per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits or the quantization does not fit
     */
    public Builder input(DataType type, Quantization quantization) {
      this.input = Operands.activation("input", type, quantization);
      return this;
    }

    /**
     * Rows whose scales and zero points come with each run, one a row.
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
     * The weights; read in {@link #prepare()} only.
     *
     * @param weights S8 or U8, a matrix; scales and zero points per tensor or per output feature
     * @param layout IN_OUT for {@code [K][N]}, OUT_IN for {@code [N][K]}
     * @return this
     * @throws IllegalArgumentException if type, shape or quantization do not fit
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
     * Weights that were packed before, by the engine that will run this op.
     *
     * @param weights S8 or U8; scales and zero points per tensor or per output feature
     * @return this
     * @throws IllegalArgumentException if type or quantization do not fit
     * @throws IllegalStateException if they are closed
     */
    public Builder weights(PackedWeights weights) {
      MatrixWeights packed = Objects.requireNonNull(weights, "weights").opened();
      checkWeights(packed.type(), packed.quantization());
      this.weights = packed;
      return this;
    }

    /**
     * A bias of the accumulator, scale {@code input * weight}.
     *
     * @param bias N integers; copied
     * @return this
     */
    public Builder bias(int[] bias) {
      this.bias.integers(bias);
      return this;
    }

    /**
     * A bias in real numbers. With F32 output it is added after scaling; with 8-bit or S32 output it is
     * turned into an integer at scale {@code input * weight} in prepare(), which needs a fixed input scale.
     * It must be 0 there where the weight scale of the channel is 0.
     *
     * @param bias N finite floats; copied
     * @return this
     */
    public Builder bias(float[] bias) {
      this.bias.floats(bias);
      return this;
    }

    /**
     * 8-bit output.
     *
     * @param type U8 or S8
     * @param quantization per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits or the quantization does not fit
     */
    public Builder output(DataType type, Quantization quantization) {
      output.quantized(type, quantization);
      return this;
    }

    /**
     * Real output: {@code f32(acc) * f32(sx * sw)}, then the float bias.
     *
     * @return this
     */
    public Builder outputF32() {
      output.raw(DataType.F32);
      return this;
    }

    /**
     * The accumulator itself.
     *
     * @return this
     */
    public Builder outputS32() {
      output.raw(DataType.S32);
      return this;
    }

    /**
     * Clamps to 0 and above.
     *
     * @return this
     */
    public Builder relu() {
      return clamp(0, Float.POSITIVE_INFINITY);
    }

    /**
     * Clamps to 0 to 6.
     *
     * @return this
     */
    public Builder relu6() {
      return clamp(0, 6);
    }

    /**
     * Clamps the result; not with S32 output.
     *
     * @param min the smallest result in real numbers, may be -Infinity
     * @param max the largest result in real numbers, may be Infinity
     * @return this
     * @throws IllegalArgumentException if min is greater than max or one is NaN
     */
    public Builder clamp(float min, float max) {
      output.clamp(min, max);
      return this;
    }

    /**
     * Lets an engine use an epilogue of its own that may differ from the law by 1 in rare ties;
     * {@link Op#exact()} says whether it does.
     *
     * @return this
     */
    public Builder allowInexactEpilogue() {
      this.inexactEpilogue = true;
      return this;
    }

    /**
     * Validates, packs the weights, chooses engine and kernel.
     *
     * @return the op
     * @throws IllegalArgumentException if something is missing or does not fit, with the operand's name, or
     *         scales make a number that is no normal one in binary32
     * @throws UnsupportedOperationException if no engine of this Octet offers it, with every engine's reason
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
