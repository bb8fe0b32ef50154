package dev.octet.op;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.dispatch.Dispatch;
import dev.octet.internal.dispatch.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Batch of products of two 8-bit operands that are both passed to each run, as in attention. For each product
 * of the batch, {@code out[m][n] = requantize(sum over k of (left[m][k] - zl) * (right[k][n] - zr))},
 * accumulated in 32-bit integers. An operand has one scale and zero point, set by the builder, or one for
 * each row of the left or column of the right operand, passed to each run. The arithmetic is that of
 * {@link MatMul}: ONNX QLinearMatMul (8-bit output), MatMulInteger (S32 output).
 */
public final class BatchMatMul extends Op {
  private final BatchMatMulKernel kernel;
  private final BatchMatMulSpec spec;
  private final BatchChecks checks;
  private final StatePool<LentBatchCall> spare = new StatePool<>(LentBatchCall::new);
  private volatile @Nullable Broadcast lastBroadcast;

  private BatchMatMul(Prepared<BatchMatMulKernel> prepared, BatchMatMulSpec spec) {
    super(prepared);
    this.kernel = prepared.kernel();
    this.spec = spec;
    this.checks = BatchChecks.of(spec);
  }

  /**
   * Multiplies dense operands without scales and zero points of the run: both were prepared with one scale,
   * or the output is S32 and all zero points are 0.
   *
   * @param left {@code [batch][m][k]} of the left type, one byte per element
   * @param right {@code [batch][k][n]} of the right type, {@code [batch][n][k]} if transposed, one byte per
   *        element
   * @param out takes {@code [batch][m][n]} of the output type; shares no byte with an operand
   * @param batch the number of products, 0 or more
   * @param m the rows of a left matrix, 0 or more
   * @param k the columns of a left matrix, 1 or more
   * @param n the columns of a product, 0 or more
   * @throws IllegalArgumentException if a size is out of range, the op needs scales, a segment is too small,
   *         out is read-only, or out overlaps an operand
   * @throws IllegalStateException if this op is closed
   */
  public void run(MemorySegment left, MemorySegment right, MemorySegment out, int batch, int m, int k,
      int n) {
    LentBatchCall lent = spare.take();
    try {
      runOne(lent.call.left(left, null, null).right(right, null, null).out(out)
          .dense(batch, m, k, n, spec.rightTransposed()));
    } finally {
      spare.give(lent);
    }
  }

  /**
   * Multiplies operands with strides, scales and zero points of the run. Allocates nothing.
   *
   * @param arguments operands, output, sizes and strides; read, not modified and not kept
   * @throws IllegalArgumentException if a segment or the sizes are missing, a size is out of range, a row
   *         stride is shorter than a row, scales or zero points are missing or not expected, a segment is too
   *         small, out is read-only, or products overlap each other or an operand
   * @throws IllegalStateException if this op is closed
   */
  public void run(BatchArguments arguments) {
    Objects.requireNonNull(arguments, "arguments");
    LentBatchCall lent = spare.take();
    try {
      arguments.copyTo(lent.call, spec.rightTransposed());
      runOne(lent.call);
    } finally {
      spare.give(lent);
    }
  }

  /**
   * Multiplies dense operands of any rank with broadcasting: dimensions before the last two are broadcast as
   * in numpy and ONNX MatMul, so that {@code [2, 1, m, k] x [3, k, n]} gives {@code [2, 3, m, n]}.
   *
   * @param left the left operand; its scales and zero points have the dimensions of the operand without the
   *        last, such as {@code [2, 1, m]}
   * @param leftShape the shape of left, {@code [..., m, k]}
   * @param right the right operand; its scales and zero points have the dimensions of the operand without K,
   *        such as {@code [3, n]}
   * @param rightShape the shape of right, {@code [..., k, n]}, {@code [..., n, k]} if transposed
   * @param out takes the dense result, of shape {@link #outputShape} and the output type; shares no byte with
   *        an operand
   * @throws IllegalArgumentException if the shapes do not fit each other, scales or zero points are missing
   *         or not expected, a segment is too small, out is read-only, or out overlaps an operand
   * @throws IllegalStateException if this op is closed
   */
  public void run(BatchOperand left, Shape leftShape, BatchOperand right, Shape rightShape,
      MemorySegment out) {
    Objects.requireNonNull(left, "left");
    Objects.requireNonNull(leftShape, "leftShape");
    Objects.requireNonNull(right, "right");
    Objects.requireNonNull(rightShape, "rightShape");
    Broadcast broadcast = broadcast(leftShape, rightShape);
    LentBatchCall lent = spare.take();
    try {
      BatchMatMulCall call = lent.call.left(left.data(), left.scales(), left.zeroPoints())
          .right(right.data(), right.scales(), right.zeroPoints()).out(out);
      runAll(call, broadcast);
    } finally {
      spare.give(lent);
    }
  }

  /**
   * Returns the shape of the output of the broadcasting run.
   *
   * @param left the shape of the left operand, {@code [..., m, k]}
   * @param right the shape of the right operand, {@code [..., k, n]}, {@code [..., n, k]} if transposed
   * @return {@code [..., m, n]}
   * @throws IllegalArgumentException if the shapes do not fit each other
   */
  public Shape outputShape(Shape left, Shape right) {
    Objects.requireNonNull(left, "left");
    Objects.requireNonNull(right, "right");
    return broadcast(left, right).outputShape();
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

  /** Checks a call and runs the kernel once. */
  private void runOne(BatchMatMulCall call) {
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

  /** Runs the kernel on dense operands with broadcasting, as few times as the shapes allow. */
  private void runAll(BatchMatMulCall call, Broadcast shapes) {
    call.dense(shapes.batch(), shapes.m(), shapes.k(), shapes.n(), spec.rightTransposed());
    call.leftStrides(shapes.leftStep() * call.leftBatch(), call.leftRow());
    call.rightStrides(shapes.rightStep() * call.rightBatch(), call.rightRow());
    long out = checks.broadcast(call, shapes);
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
   * Runs the kernel on one slice after the other, for operands that are repeated on different axes. Only this
   * run allocates: the slices.
   */
  private void runSlices(BatchMatMulCall call, Broadcast shapes) {
    BatchOperand left = new BatchOperand(call.left(), call.leftScales(), call.leftZeroPoints());
    BatchOperand right = new BatchOperand(call.right(), call.rightScales(), call.rightZeroPoints());
    MemorySegment out = call.out();
    long outRun = (long) shapes.batch() * shapes.m() * shapes.n() * checks.outBytes();
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

  private static @Nullable MemorySegment from(@Nullable MemorySegment parameters, long index) {
    return parameters == null ? null : parameters.asSlice(4 * index);
  }

  /**
   * Builder for {@link BatchMatMul}; made by {@link dev.octet.Octet#batchMatMul()}. Not safe for use by
   * multiple threads.
   */
  public static final class Builder {
    private final Dispatch dispatch;
    private final OutputBuilder output = new OutputBuilder();
    private @Nullable ActivationSpec left;
    private @Nullable ActivationSpec right;
    private boolean rightTransposed;

    /**
     * Creates a builder. For internal use: applications call {@link dev.octet.Octet#batchMatMul()}.
     *
     * @param dispatch chooses the engine and the kernel
     */
    @SuppressWarnings("exports")
    public Builder(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    /**
     * Sets the type of the left operand, whose scales and zero points, one per row, are passed to each run.
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
     * Sets the type of the left operand and its one scale and zero point.
     *
     * @param type U8 or S8
     * @param quantization scale and zero point, per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits, or the quantization is not per tensor,
     *         has scale 0 or a zero point outside the range of the type
     */
    public Builder left(DataType type, Quantization quantization) {
      this.left = Operands.activation("left", type, quantization);
      return this;
    }

    /**
     * Sets the type of the right operand, whose scales and zero points, one per column (stored row if
     * transposed), are passed to each run.
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
     * Sets the type of the right operand and its one scale and zero point.
     *
     * @param type U8 or S8
     * @param quantization scale and zero point, per tensor
     * @return this
     * @throws IllegalArgumentException if the type is not of 8 bits, or the quantization is not per tensor,
     *         has scale 0 or a zero point outside the range of the type
     */
    public Builder right(DataType type, Quantization quantization) {
      this.right = Operands.activation("right", type, quantization);
      return this;
    }

    /**
     * Stores the right operand {@code [N][K]} instead of {@code [K][N]}, as the keys of attention are.
     *
     * @return this
     */
    public Builder rightTransposed() {
      this.rightTransposed = true;
      return this;
    }

    /**
     * Sets 8-bit output with the multiplier {@code M = f32(sl * sr) / so}, or
     * {@code M = sl[row] * f32(sr / so)} if the left scales are passed to each run. Replaces any other
     * output.
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
     * Sets F32 output: {@code f32(acc) * f32(sl * sr)}. Replaces any other output.
     *
     * @return this
     */
    public Builder outputF32() {
      output.raw(DataType.F32);
      return this;
    }

    /**
     * Sets S32 output: the accumulators themselves; runs need no scales. Replaces any other output.
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
     * Validates the settings and chooses an engine and a kernel.
     *
     * @return a new op; close it to free its memory
     * @throws IllegalArgumentException if a required setting is missing or settings do not fit each other
     *         (the message names the operand), or a combination of scales is not a normal number in binary32
     * @throws UnsupportedOperationException if no engine of the Octet offers the op; the message has every
     *         engine's reason
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
