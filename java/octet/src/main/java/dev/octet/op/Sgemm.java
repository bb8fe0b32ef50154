package dev.octet.op;

import dev.octet.WeightLayout;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.SgemmKernel;
import dev.octet.engine.SgemmSpec;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Product of matrices of floats, as BLAS calls it: {@code out = left * right}, of one pair of matrices or
 * many. The right matrix is fixed and packed once ({@link Builder#weights}), or comes with each run, also
 * transposed, as the keys of attention are. For what stays in floats in a quantized model: attention, layers
 * that lose too much in 8 bits, convolution by im2col.
 *
 * <p>
 * Every engine returns the same bits, whatever the number of threads: each sum begins with 0, the bias of its
 * column or row, or what out holds ({@link Builder#accumulate}), and adds its products one after the other in
 * ascending order of k, by fused multiply-add ({@link Math#fma(float, float, float)}). Which NaN a NaN is
 * differs.
 *
 * {@snippet :
 * try (Octet octet = Octet.create(); Sgemm scores = octet.sgemm().rightTransposed().prepare()) {
 *   scores.run(queries, keys, out, heads, tokens, 64, tokens); // out[h] = queries[h] * transposed keys[h]
 * }
 * }
 */
public final class Sgemm extends Op {
  private final SgemmKernel kernel;
  private final BatchChecks checks;
  /** Of the weights; 0 where there are none. */
  private final int k;
  /** Likewise. */
  private final int n;
  /** What m of runs must be; -1 where it may be anything. */
  private final int rows;
  private final StatePool<LentBatchCall> spare = new StatePool<>(LentBatchCall::new);

  private Sgemm(Prepared<SgemmKernel> prepared, SgemmSpec spec) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.k = spec.k();
    this.n = spec.n();
    this.rows = spec.rowBias() == null ? -1 : spec.rowBias().length;
    this.checks = BatchChecks.of(spec);
  }

  /**
   * Multiplies dense rows with the weights.
   *
   * @param left {@code [rows][k]} of F32
   * @param out takes {@code [rows][n]} of F32; shares no byte with left
   * @param rows the number of rows, 0 or more
   * @throws IllegalArgumentException if rows is negative, the op has no weights, a segment is too small, out
   *         is read-only, or out overlaps left
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment left, MemorySegment out, int rows) {
    Objects.requireNonNull(left, "left");
    Objects.requireNonNull(out, "out");
    if (!checks.isRightFixed()) {
      throw new IllegalArgumentException("right: not given, and the op has no weights");
    }
    LentBatchCall lent = spare.take();
    try {
      run(lent.call.left(left, null, null).right(null, null, null).out(out)
          .dense(1, rows, k, n, checks.rightTransposed()));
    } finally {
      spare.give(lent);
    }
  }

  /**
   * Multiplies dense matrices.
   *
   * @param left {@code [batch][m][k]} of F32
   * @param right {@code [batch][k][n]} of F32, {@code [batch][n][k]} if transposed
   * @param out takes {@code [batch][m][n]} of F32; shares no byte with an operand
   * @param batch the number of products, 0 or more
   * @param m the rows of a left matrix, 0 or more
   * @param k the columns of a left matrix, 1 or more
   * @param n the columns of a product, 0 or more
   * @throws IllegalArgumentException if a size is out of range, the op has weights, a segment is too small,
   *         out is read-only, or out overlaps an operand
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment left, MemorySegment right, MemorySegment out, int batch, int m, int k,
      int n) {
    Objects.requireNonNull(left, "left");
    Objects.requireNonNull(right, "right");
    Objects.requireNonNull(out, "out");
    LentBatchCall lent = spare.take();
    try {
      run(lent.call.left(left, null, null).right(right, null, null).out(out)
          .dense(batch, m, k, n, checks.rightTransposed()));
    } finally {
      spare.give(lent);
    }
  }

  /**
   * Multiplies matrices with strides. Allocates nothing.
   *
   * @param arguments operands, output, sizes and strides, without scales and zero points; without a right
   *        operand if the op has weights, which all products of the batch share; read, not modified and not
   *        kept
   * @throws IllegalArgumentException if a segment or the sizes are missing, there are scales or zero points,
   *         a size is out of range or not that of the weights, a row stride is shorter than a row, a segment
   *         is too small, out is read-only, or products overlap each other or an operand
   * @throws IllegalStateException if this op is closed
   */
  public void run(BatchArguments arguments) {
    Objects.requireNonNull(arguments, "arguments");
    LentBatchCall lent = spare.take();
    try {
      arguments.copyTo(lent.call, checks.rightTransposed());
      run(lent.call);
    } finally {
      spare.give(lent);
    }
  }

  private void run(BatchMatMulCall call) {
    if (checks.isRightFixed() && (call.k() != k || call.n() != n)) {
      throw new IllegalArgumentException("sizes: expected k = " + k + " and n = " + n
          + " of the weights, got " + call.k() + " and " + call.n());
    }
    if (rows >= 0 && call.m() != rows) {
      throw new IllegalArgumentException("m: expected " + rows + ", the length of rowBias, got " + call.m());
    }
    long out = checks.strided(call);
    int ticket = enter();
    try {
      if (out > 0) {
        kernel.run(call);
      }
    } finally {
      exit(ticket);
    }
  }

  /**
   * Builder for {@link Sgemm}; made by {@link dev.octet.Octet#sgemm()}. Not safe for use by multiple threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private @Nullable MemorySegment weights;
    private int k;
    private int n;
    private boolean rightTransposed;
    private float @Nullable [] bias;
    private float @Nullable [] rowBias;
    private boolean accumulate;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#sgemm()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * Sets a fixed right matrix. It is read by {@link #prepare()}, which packs a copy; replaces
     * {@link #rightTransposed()}.
     *
     * @param weights k times n floats, dense
     * @param k the rows of the matrix, 1 or more
     * @param n the columns of the matrix, 1 or more
     * @param layout IN_OUT for {@code [k][n]}, OUT_IN for {@code [n][k]}
     * @return this
     * @throws IllegalArgumentException if a size is out of range, the layout is none of these, or the segment
     *         is too small
     */
    public Builder weights(MemorySegment weights, int k, int n, WeightLayout layout) {
      Objects.requireNonNull(weights, "weights");
      Objects.requireNonNull(layout, "layout");
      if (layout != WeightLayout.IN_OUT && layout != WeightLayout.OUT_IN) {
        throw new IllegalArgumentException("layout: expected IN_OUT or OUT_IN, got " + layout);
      }
      Checks.positive("k", k);
      Checks.positive("n", n);
      Checks.readable("weights", weights, Checks.product("weights", Checks.product("weights", k, n), 4));
      this.weights = weights;
      this.k = k;
      this.n = n;
      this.rightTransposed = layout == WeightLayout.OUT_IN;
      return this;
    }

    /**
     * Sets what the sums begin with, one number for each column of the weights.
     *
     * @param bias n finite numbers; copied
     * @return this
     * @throws IllegalArgumentException if a number is not finite
     */
    public Builder bias(float... bias) {
      this.bias = Operands.finite("bias", bias);
      return this;
    }

    /**
     * Sets what the sums begin with, one number for each row of a product; then all runs have so many. Where
     * the left matrix is the weights of a convolution, this is its bias.
     *
     * @param rowBias m finite numbers; copied
     * @return this
     * @throws IllegalArgumentException if a number is not finite
     */
    public Builder rowBias(float... rowBias) {
      this.rowBias = Operands.finite("rowBias", rowBias);
      return this;
    }

    /**
     * Takes right matrices of the run that are stored {@code [n][k]} instead of {@code [k][n]}.
     *
     * @return this
     */
    public Builder rightTransposed() {
      this.rightTransposed = true;
      return this;
    }

    /**
     * Adds the products to what out holds: {@code out += left * right}.
     *
     * @return this
     */
    public Builder accumulate() {
      this.accumulate = true;
      return this;
    }

    /**
     * Validates the settings, chooses an engine and a kernel, and packs the weights.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if there is a bias without weights or of another length, or more than
     *         one of bias, rowBias and {@link #accumulate()}
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public Sgemm prepare() {
      if (bias != null && weights == null) {
        throw new IllegalArgumentException("bias: expected none without weights, got " + bias.length);
      }
      if ((bias == null ? 0 : 1) + (rowBias == null ? 0 : 1) + (accumulate ? 1 : 0) > 1) {
        throw new IllegalArgumentException("expected at most one of bias, rowBias and accumulate()");
      }
      if (bias != null && bias.length != n) {
        throw new IllegalArgumentException(
            "bias: expected " + n + " numbers, one for each column of the weights, got " + bias.length);
      }
      SgemmSpec spec = new SgemmSpec(weights, k, n, rightTransposed, bias, rowBias, accumulate);
      Prepared<SgemmKernel> prepared = dispatch.prepare("sgemm", backend -> backend.sgemm(spec));
      return new Sgemm(prepared, spec);
    }
  }
}
