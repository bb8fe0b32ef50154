package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.dispatch.Checks;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Products of two 8-bit operands that both come with the run, as in attention: for each product of a batch,
 * {@code out[m][n] = requantize(sum over k of (left[m][k] - zl) * (right[k][n] - zr))}, accumulated in 32-bit
 * integers. An operand has one scale and zero point, known in prepare(), or one for each row of the left and
 * column of the right operand, which come with the run. The arithmetic is that of {@link MatMul}: ONNX
 * QLinearMatMul (8-bit output), MatMulInteger (S32 output).
 */
public final class BatchMatMul extends Op {
  private final BatchMatMulKernel kernel;
  private final BatchMatMulSpec spec;
  private final StatePool<Arguments> spare = new StatePool<>(Arguments::new);
  private volatile Broadcast lastBroadcast;

  private BatchMatMul(Prepared<BatchMatMulKernel> prepared, BatchMatMulSpec spec) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.spec = spec;
  }

  /**
   * Multiplies dense operands, both prepared with one scale, or with S32 output and zero points 0.
   *
   * @param left {@code [batch][m][k]}, one byte an element
   * @param right {@code [batch][k][n]}, {@code [batch][n][k]} where transposed, one byte an element
   * @param out {@code [batch][m][n]} of the output type; shares no byte with an operand
   * @param batch the number of products, 0 or more
   * @param m rows of the left operand, 0 or more
   * @param k columns of the left operand, 1 or more
   * @param n columns of the result, 0 or more
   * @throws IllegalArgumentException if a size is out of range, scales are missing, a segment is too small or
   *         read-only, or out overlaps an operand
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment left, MemorySegment right, MemorySegment out, int batch, int m, int k,
      int n) {
    run(left, null, right, null, out, batch, m, k, n);
  }

  /**
   * Multiplies dense operands; zero points that come with the run are 0.
   *
   * @param left {@code [batch][m][k]}, one byte an element
   * @param leftScales F32 {@code [batch][m]}, positive and finite (not checked); null where the left operand
   *        was prepared with one scale, or the output is S32
   * @param right {@code [batch][k][n]}, {@code [batch][n][k]} where transposed, one byte an element
   * @param rightScales F32 {@code [batch][n]}, positive and finite (not checked); null where the right
   *        operand was prepared with one scale, or the output is S32
   * @param out {@code [batch][m][n]} of the output type; shares no byte with an operand
   * @param batch the number of products, 0 or more
   * @param m rows of the left operand, 0 or more
   * @param k columns of the left operand, 1 or more
   * @param n columns of the result, 0 or more
   * @throws IllegalArgumentException if a size is out of range, scales are missing or not expected, a segment
   *         is too small or read-only, or out overlaps an operand
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment left, MemorySegment leftScales, MemorySegment right,
      MemorySegment rightScales,
      MemorySegment out, int batch, int m, int k, int n) {
    Arguments arguments = spare.take();
    try {
      BatchMatMulCall call = arguments.call.left(left, leftScales, null).right(right, rightScales, null)
          .out(out);
      runOne(dense(call, batch, m, k, n));
    } finally {
      spare.give(arguments);
    }
  }

  /**
   * Multiplies operands that lie anywhere in their segments; zero points that come with the run are 0.
   *
   * @param left the left operands, one byte an element
   * @param leftScales F32 {@code [batch][m]}, dense, positive and finite (not checked), {@code [m]} where the
   *        operand is repeated; null where it was prepared with one scale, or the output is S32
   * @param right the right operands, one byte an element
   * @param rightScales F32 {@code [batch][n]}, dense, positive and finite (not checked), {@code [n]} where
   *        the operand is repeated; null where it was prepared with one scale, or the output is S32
   * @param out the results, of the output type; shares no byte with an operand; what lies between the rows is
   *        not touched
   * @param batch the number of products, 0 or more
   * @param m rows of the left operand, 0 or more
   * @param k columns of the left operand, 1 or more
   * @param n columns of the result, 0 or more
   * @param strides where the operands and results lie, in elements
   * @throws IllegalArgumentException if a size is out of range, a row stride shorter than its row, scales are
   *         missing or not expected, a segment is too small or read-only, results overlap each other or an
   *         operand
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment left, MemorySegment leftScales, MemorySegment right,
      MemorySegment rightScales,
      MemorySegment out, int batch, int m, int k, int n, BatchStrides strides) {
    Arguments arguments = spare.take();
    try {
      BatchMatMulCall call = arguments.call.left(left, leftScales, null).right(right, rightScales, null)
          .out(out);
      runOne(strided(call, batch, m, k, n, strides));
    } finally {
      spare.give(arguments);
    }
  }

  /**
   * Multiplies operands that lie anywhere in their segments and may have zero points of the run.
   *
   * @param left the left operands, with a scale and zero point for each row where prepared so
   * @param right the right operands, with a scale and zero point for each column where prepared so
   * @param out the results, of the output type; shares no byte with an operand; what lies between the rows is
   *        not touched
   * @param batch the number of products, 0 or more
   * @param m rows of the left operand, 0 or more
   * @param k columns of the left operand, 1 or more
   * @param n columns of the result, 0 or more
   * @param strides where the operands and results lie, in elements
   * @throws IllegalArgumentException if a size is out of range, a row stride shorter than its row, scales or
   *         zero points are missing or not expected, a segment is too small or read-only, results overlap
   *         each other or an operand
   * @throws IllegalStateException if this op is closed
   * @see #denseStrides(int, int, int)
   */
  public void run(BatchOperand left, BatchOperand right, MemorySegment out, int batch, int m, int k, int n,
      BatchStrides strides) {
    Arguments arguments = spare.take();
    try {
      BatchMatMulCall call = set(arguments.call, left, right).out(out);
      runOne(strided(call, batch, m, k, n, strides));
    } finally {
      spare.give(arguments);
    }
  }

  /**
   * Multiplies dense operands of any rank, repeating what the other has more of: dimensions before the last
   * two are broadcast as in numpy and ONNX MatMul, {@code [2, 1, m, k] x [3, k, n]} gives
   * {@code [2, 3, m, n]}.
   *
   * @param left the left operands; scales and zero points of the run have the operand's own dimensions
   *        without the last, {@code [2, 1, m]}
   * @param leftShape {@code [..., m, k]}
   * @param right the right operands; scales and zero points of the run have the operand's own dimensions
   *        without K, {@code [3, n]}
   * @param rightShape {@code [..., k, n]}, {@code [..., n, k]} where transposed
   * @param out dense, of the shape that {@link #outputShape} tells and of the output type; shares no byte
   *        with an operand
   * @throws IllegalArgumentException if the shapes do not fit each other, scales or zero points are missing
   *         or not expected, a segment is too small or read-only, or out overlaps an operand
   * @throws IllegalStateException if this op is closed
   */
  public void run(BatchOperand left, Shape leftShape, BatchOperand right, Shape rightShape,
      MemorySegment out) {
    Objects.requireNonNull(leftShape, "leftShape");
    Objects.requireNonNull(rightShape, "rightShape");
    Broadcast broadcast = broadcast(leftShape, rightShape);
    Arguments arguments = spare.take();
    try {
      BatchMatMulCall call = set(arguments.call, left, right).out(out);
      runAll(call, broadcast);
    } finally {
      spare.give(arguments);
    }
  }

  /**
   * The shape of the result for dense operands of any rank.
   *
   * @param left {@code [..., m, k]}
   * @param right {@code [..., k, n]}, {@code [..., n, k]} where transposed
   * @return {@code [..., m, n]}
   * @throws IllegalArgumentException if the shapes do not fit each other
   */
  public Shape outputShape(Shape left, Shape right) {
    Objects.requireNonNull(left, "left");
    Objects.requireNonNull(right, "right");
    return broadcast(left, right).outputShape();
  }

  /**
   * The strides of dense operands and results, to begin with when one of them lies elsewhere:
   * {@code scores.denseStrides(m, k, n).right(maxTokens * k, k)}.
   *
   * @param m rows of the left operand
   * @param k columns of the left operand
   * @param n columns of the result
   * @return the strides
   * @throws IllegalArgumentException if a size is negative
   */
  public BatchStrides denseStrides(int m, int k, int n) {
    Checks.notNegative("m", m);
    Checks.notNegative("k", k);
    Checks.notNegative("n", n);
    return new BatchStrides((long) m * k, k, (long) k * n, spec.rightTransposed() ? k : n, (long) m * n, n);
  }

  private static BatchMatMulCall set(BatchMatMulCall call, BatchOperand left, BatchOperand right) {
    Objects.requireNonNull(left, "left");
    Objects.requireNonNull(right, "right");
    return call.left(left.data(), left.scales(), left.zeroPoints()).right(right.data(), right.scales(),
        right.zeroPoints());
  }

  /** The arguments of a running call; kept for the next one, so that a call allocates nothing. */
  private static final class Arguments extends StatePool.State {
    private final BatchMatMulCall call = new BatchMatMulCall();

    @Override
    protected void clear() {
      call.clear();
    }
  }

  private BatchMatMulCall dense(BatchMatMulCall call, int batch, int m, int k, int n) {
    return call.sizes(batch, m, k, n).leftStrides((long) m * k, k)
        .rightStrides((long) k * n, spec.rightTransposed() ? k : n).outStrides((long) m * n, n);
  }

  private static BatchMatMulCall strided(BatchMatMulCall call, int batch, int m, int k, int n,
      BatchStrides strides) {
    Objects.requireNonNull(strides, "strides");
    return call.sizes(batch, m, k, n).leftStrides(strides.leftBatch(), strides.leftRow())
        .rightStrides(strides.rightBatch(), strides.rightRow())
        .outStrides(strides.outBatch(), strides.outRow());
  }

  private Broadcast broadcast(Shape left, Shape right) {
    // The last one is kept: a layer that runs on the same shapes again allocates nothing.
    Broadcast last = lastBroadcast;
    if (last == null || !last.isOf(left, right)) {
      last = new Broadcast(left, right, spec.rightTransposed());
      lastBroadcast = last;
    }
    return last;
  }

  /** One uniform run of the kernel, strides anywhere. */
  private void runOne(BatchMatMulCall call) {
    int batch = Checks.notNegative("batch", call.batch());
    int m = Checks.notNegative("m", call.m());
    int k = Checks.positive("k", call.k());
    int n = Checks.notNegative("n", call.n());
    int rightRows = spec.rightTransposed() ? n : k;
    int rightColumns = spec.rightTransposed() ? k : n;
    long leftRow = Checks.stride("left", call.leftRow(), k);
    long rightRow = Checks.stride("right", call.rightRow(), rightColumns);
    long outRow = Checks.stride("out", call.outRow(), n);
    long left = Checks.extent("left", batch, call.leftBatch(), m, leftRow, k, 1);
    long right = Checks.extent("right", batch, call.rightBatch(), rightRows, rightRow, rightColumns, 1);
    long out = Checks.extent("out", batch, call.outBatch(), m, outRow, n, outBytes());
    if (out > 0 && batch > 1) {
      boolean oneAfterTheOther = call.outBatch() >= (m - 1) * outRow + n;
      boolean sideBySide = call.outBatch() >= n && outRow >= (batch - 1) * call.outBatch() + n;
      if (!oneAfterTheOther && !sideBySide) {
        throw new IllegalArgumentException("out: expected results that share no element, got strides "
            + call.outBatch() + " (batch) and " + outRow + " (row) for " + batch + " results of " + m + " x "
            + n);
      }
    }
    check(call, left, (call.leftBatch() == 0 ? Math.min(batch, 1L) : batch) * m, right,
        (call.rightBatch() == 0 ? Math.min(batch, 1L) : batch) * n, out);
    int ticket = enter();
    try {
      if (out > 0) {
        kernel.run(call);
      }
    } finally {
      exit(ticket);
    }
  }

  /** Dense operands, repeated by broadcasting: as few uniform runs of the kernel as the shapes allow. */
  private void runAll(BatchMatMulCall call, Broadcast shapes) {
    int m = shapes.m();
    int k = Checks.positive("k", shapes.k());
    int n = shapes.n();
    dense(call, shapes.batch(), m, k, n);
    call.leftStrides(shapes.leftStep() * call.leftBatch(), call.leftRow());
    call.rightStrides(shapes.rightStep() * call.rightBatch(), call.rightRow());
    long out = Checks.product("out", shapes.outputShape().elements(), outBytes());
    check(call, shapes.leftMatrices() * m * k, shapes.leftMatrices() * m, shapes.rightMatrices() * n * k,
        shapes.rightMatrices() * n, out);
    int ticket = enter();
    try {
      if (out > 0 && shapes.runs() == 1) {
        kernel.run(call);
      } else if (out > 0) {
        runSlices(call, shapes);
      }
    } finally {
      exit(ticket);
    }
  }

  /**
   * The operands are repeated on different axes: the kernel runs on one slice after the other. The only run
   * that allocates, some small views.
   */
  private void runSlices(BatchMatMulCall call, Broadcast shapes) {
    BatchOperand left = new BatchOperand(call.left(), call.leftScales(), call.leftZeroPoints());
    BatchOperand right = new BatchOperand(call.right(), call.rightScales(), call.rightZeroPoints());
    MemorySegment out = call.out();
    long outRun = (long) shapes.batch() * shapes.m() * shapes.n() * outBytes();
    for (long run = 0; run < shapes.runs(); run++) {
      long row = shapes.leftMatrix(run) * shapes.m();
      long column = shapes.rightMatrix(run) * shapes.n();
      call.left(left.data().asSlice(row * shapes.k()), from(left.scales(), row),
          from(left.zeroPoints(), row));
      call.right(right.data().asSlice(column * shapes.k()), from(right.scales(), column),
          from(right.zeroPoints(), column));
      kernel.run(call.out(out.asSlice(run * outRun)));
    }
  }

  private static MemorySegment from(MemorySegment parameters, long index) {
    return parameters == null ? null : parameters.asSlice(4 * index);
  }

  private int outBytes() {
    return spec.output().type().bits() / 8;
  }

  /** Checks every segment of a call; drops scales that an S32 output has no use for. */
  private void check(BatchMatMulCall call, long left, long rows, long right, long columns, long out) {
    if (spec.output().type() == DataType.S32) {
      call.left(call.left(), null, call.leftZeroPoints());
      call.right(call.right(), null, call.rightZeroPoints());
    }
    Checks.readable("left", call.left(), left);
    Checks.readable("right", call.right(), right);
    Checks.writable("out", call.out(), out);
    Checks.disjoint("left", call.left(), left, "out", call.out(), out);
    Checks.disjoint("right", call.right(), right, "out", call.out(), out);
    scales("leftScales", spec.left(), call.leftScales(), rows, call.out(), out);
    scales("rightScales", spec.right(), call.rightScales(), columns, call.out(), out);
    parameters("leftZeroPoints", spec.left(), call.leftZeroPoints(), rows, call.out(), out);
    parameters("rightZeroPoints", spec.right(), call.rightZeroPoints(), columns, call.out(), out);
  }

  private void scales(String name, ActivationSpec operand, MemorySegment scales, long count,
      MemorySegment out,
      long outBytes) {
    if (operand.atRun() && scales == null && spec.output().type() != DataType.S32) {
      throw new IllegalArgumentException(name + ": expected " + count
          + " floats, got none; the operand was prepared without a scale");
    }
    parameters(name, operand, scales, count, out, outBytes);
  }

  private static void parameters(String name, ActivationSpec operand, MemorySegment parameters, long count,
      MemorySegment out, long outBytes) {
    if (parameters == null) {
      return;
    }
    if (!operand.atRun()) {
      throw new IllegalArgumentException(
          name + ": expected none, the operand was prepared with one scale and zero point");
    }
    long bytes = Checks.product(name, count, 4);
    Checks.readable(name, parameters, bytes);
    Checks.disjoint(name, parameters, bytes, "out", out, outBytes);
  }

  /** What a batchMatMul is to be; made by {@link dev.octet.Octet#batchMatMul()}. */
  public static final class Builder {
    private final Dispatch dispatch;
    private final OutputBuilder output = new OutputBuilder();
    private ActivationSpec left;
    private ActivationSpec right;
    private boolean rightTransposed;

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
     * A left operand whose scales and zero points come with each run, one for each row.
     *
     * @param type U8 or S8
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits
     */
    public Builder left(DataType type) {
      this.left = Operands.activationAtRun("left", type);
      return this;
    }

    /**
     * A left operand with one scale and zero point, known now.
     *
     * @param type U8 or S8
     * @param quantization per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits or the quantization does not fit
     */
    public Builder left(DataType type, Quantization quantization) {
      this.left = Operands.activation("left", type, quantization);
      return this;
    }

    /**
     * A right operand whose scales and zero points come with each run, one for each column (each stored row
     * where transposed).
     *
     * @param type U8 or S8
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits
     */
    public Builder right(DataType type) {
      this.right = Operands.activationAtRun("right", type);
      return this;
    }

    /**
     * A right operand with one scale and zero point, known now.
     *
     * @param type U8 or S8
     * @param quantization per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits or the quantization does not fit
     */
    public Builder right(DataType type, Quantization quantization) {
      this.right = Operands.activation("right", type, quantization);
      return this;
    }

    /**
     * The right operand is stored {@code [N][K]} instead of {@code [K][N]}: keys beside queries.
     *
     * @return this
     */
    public Builder rightTransposed() {
      this.rightTransposed = true;
      return this;
    }

    /**
     * 8-bit output: {@code M = f32(sl * sr) / so}; where the scales of the left rows come with the run
     * {@code M = sl[row] * f32(sr / so)}.
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
     * Real output: {@code f32(acc) * f32(sl * sr)}.
     *
     * @return this
     */
    public Builder outputF32() {
      output.raw(DataType.F32);
      return this;
    }

    /**
     * The accumulator itself; runs need no scales then.
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
     * Validates, chooses engine and kernel.
     *
     * @return the op
     * @throws IllegalArgumentException if something is missing or does not fit, with the operand's name, or
     *         scales make a number that is no normal one in binary32
     * @throws UnsupportedOperationException if no engine of this Octet offers it, with every engine's reason
     * @throws IllegalStateException if the Octet is closed
     */
    public BatchMatMul prepare() {
      if (left == null) {
        throw new IllegalArgumentException("left: not given");
      }
      if (right == null) {
        throw new IllegalArgumentException("right: not given");
      }
      BatchMatMulSpec spec = new BatchMatMulSpec(left, right, rightTransposed, output.spec());
      if (!right.atRun()) {
        ScaleRange.product("left", left, "right", Quantization.perTensor(right.scale()), spec.output(),
            false);
      }
      return new BatchMatMul(dispatch.prepare("batchMatMul", backend -> backend.batchMatMul(spec)), spec);
    }
  }
}
