package dev.octet.op;

import dev.octet.DataType;
import dev.octet.engine.ActivationSpec;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.BatchMatMulSpec;
import dev.octet.internal.dispatch.Checks;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Checks of the arguments of a {@link BatchMatMul}, before they reach a kernel. */
final class BatchChecks {
  private final BatchMatMulSpec spec;

  BatchChecks(BatchMatMulSpec spec) {
    this.spec = spec;
  }

  /** Returns the size of an element of the output in bytes. */
  int outBytes() {
    return spec.output().type().bits() / 8;
  }

  /** Checks a call with strides, and returns the size of its output in bytes, 0 if it is empty. */
  long strided(BatchMatMulCall call) {
    int batch = Checks.notNegative("batch", call.batch());
    int m = Checks.notNegative("m", call.m());
    int k = Checks.positive("k", call.k());
    int n = Checks.notNegative("n", call.n());
    int rightRows = spec.rightTransposed() ? n : k;
    int rightColumns = spec.rightTransposed() ? k : n;
    Checks.notNegative("left batch stride", call.leftBatch());
    Checks.notNegative("right batch stride", call.rightBatch());
    Checks.notNegative("out batch stride", call.outBatch());
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
    return out;
  }

  /** Checks a call with broadcasting, and returns the size of its output in bytes, 0 if it is empty. */
  long broadcast(BatchMatMulCall call, Broadcast shapes) {
    int m = shapes.m();
    int k = Checks.positive("k", shapes.k());
    int n = shapes.n();
    long out = Checks.product("out", shapes.outputShape().elements(), outBytes());
    check(call, shapes.leftMatrices() * m * k, shapes.leftMatrices() * m, shapes.rightMatrices() * n * k,
        shapes.rightMatrices() * n, out);
    return out;
  }

  /** Checks every segment of a call, and removes scales that S32 output does not use. */
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

  private void scales(String name, ActivationSpec operand, @Nullable MemorySegment scales, long count,
      MemorySegment out,
      long outBytes) {
    if (operand.atRun() && scales == null && spec.output().type() != DataType.S32) {
      throw new IllegalArgumentException(name + ": expected " + count
          + " floats, got none; the operand was prepared without a scale");
    }
    parameters(name, operand, scales, count, out, outBytes);
  }

  private static void parameters(String name, ActivationSpec operand, @Nullable MemorySegment parameters,
      long count,
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
}
