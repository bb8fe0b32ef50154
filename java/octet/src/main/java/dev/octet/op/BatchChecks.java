package dev.octet.op;

import dev.octet.DataType;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.engine.SgemmSpec;
import dev.octet.internal.dispatch.Checks;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Checks of the arguments of products of two operands of the run, before they reach a kernel.
 *
 * @param left what scales the left operand needs; null where it has none
 * @param right what scales the right operand needs; null where it has none
 * @param rightTransposed whether the right operand is {@code [n][k]}
 * @param isRightFixed whether the right operand was there before, and a run brings none
 * @param bytes of an element of an operand
 * @param output the type of results
 */
record BatchChecks(@Nullable ActivationSpec left, @Nullable ActivationSpec right, boolean rightTransposed,
    boolean isRightFixed, int bytes, DataType output) {
  /** Checks of 8-bit operands. */
  static BatchChecks of(BatchMatMulSpec spec) {
    return new BatchChecks(spec.left(), spec.right(), spec.rightTransposed(), false, 1, spec.output().type());
  }

  /** Checks of operands that are floats. */
  static BatchChecks of(SgemmSpec spec) {
    return new BatchChecks(null, null, spec.rightTransposed(), spec.weights() != null, Float.BYTES,
        DataType.F32);
  }

  /** Returns the size of an element of the output in bytes. */
  int outBytes() {
    return output.bits() / 8;
  }

  /** Checks a call with strides, and returns the size of its output in bytes, 0 if it is empty. */
  long strided(BatchMatMulCall call) {
    int batch = Checks.notNegative("batch", call.batch());
    int m = Checks.notNegative("m", call.m());
    int k = Checks.positive("k", call.k());
    int n = Checks.notNegative("n", call.n());
    int rightRows = rightTransposed ? n : k;
    int rightColumns = rightTransposed ? k : n;
    Checks.notNegative("left batch stride", call.leftBatch());
    Checks.notNegative("right batch stride", call.rightBatch());
    Checks.notNegative("out batch stride", call.outBatch());
    long leftRow = Checks.stride("left", call.leftRow(), k);
    long rightRow = Checks.stride("right", call.rightRow(), rightColumns);
    long outRow = Checks.stride("out", call.outRow(), n);
    long leftBytes = Checks.extent("left", batch, call.leftBatch(), m, leftRow, k, bytes);
    long rightBytes = Checks.extent("right", batch, call.rightBatch(), rightRows, rightRow, rightColumns,
        bytes);
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
    check(call, leftBytes, (call.leftBatch() == 0 ? Math.min(batch, 1L) : batch) * m, rightBytes,
        (call.rightBatch() == 0 ? Math.min(batch, 1L) : batch) * n, out);
    return out;
  }

  /** Checks a call with broadcasting, and returns the size of its output in bytes, 0 if it is empty. */
  long broadcast(BatchMatMulCall call, Broadcast shapes) {
    int m = shapes.m();
    int k = Checks.positive("k", shapes.k());
    int n = shapes.n();
    long out = Checks.product("out", shapes.outputShape().elements(), outBytes());
    check(call, Checks.product("left", shapes.leftMatrices() * m * k, bytes), shapes.leftMatrices() * m,
        Checks.product("right", shapes.rightMatrices() * n * k, bytes), shapes.rightMatrices() * n, out);
    return out;
  }

  /** Checks every segment of a call, and removes scales that S32 output does not use. */
  private void check(BatchMatMulCall call, long leftBytes, long rows, long rightBytes, long columns,
      long out) {
    if (output == DataType.S32) {
      call.left(call.left(), null, call.leftZeroPoints());
      call.right(call.right(), null, call.rightZeroPoints());
    }
    Checks.readable("left", call.left(), leftBytes);
    Checks.writable("out", call.out(), out);
    Checks.disjoint("left", call.left(), leftBytes, "out", call.out(), out);
    if (isRightFixed) {
      none("right", call.right(), "the op has weights");
    } else {
      Checks.readable("right", call.right(), rightBytes);
      Checks.disjoint("right", call.right(), rightBytes, "out", call.out(), out);
    }
    scales("leftScales", left, call.leftScales(), rows, call.out(), out);
    scales("rightScales", right, call.rightScales(), columns, call.out(), out);
    parameters("leftZeroPoints", left, call.leftZeroPoints(), rows, call.out(), out);
    parameters("rightZeroPoints", right, call.rightZeroPoints(), columns, call.out(), out);
  }

  private static void none(String name, @Nullable MemorySegment segment, String reason) {
    if (segment != null) {
      throw new IllegalArgumentException(name + ": expected none, " + reason);
    }
  }

  private void scales(String name, @Nullable ActivationSpec operand, @Nullable MemorySegment scales,
      long count,
      MemorySegment out,
      long outBytes) {
    if (operand != null && operand.atRun() && scales == null && output != DataType.S32) {
      throw new IllegalArgumentException(name + ": expected " + count
          + " floats, got none; the operand was prepared without a scale");
    }
    parameters(name, operand, scales, count, out, outBytes);
  }

  private static void parameters(String name, @Nullable ActivationSpec operand,
      @Nullable MemorySegment parameters,
      long count,
      MemorySegment out, long outBytes) {
    if (parameters == null) {
      return;
    }
    if (operand == null || !operand.atRun()) {
      none(name, parameters, operand == null
          ? "operands are floats"
          : "the operand was prepared with one scale and zero point");
    }
    long bytes = Checks.product(name, count, 4);
    Checks.readable(name, parameters, bytes);
    Checks.disjoint(name, parameters, bytes, "out", out, outBytes);
  }
}
