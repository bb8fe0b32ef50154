package dev.octet.internal.scalar;

import dev.octet.engine.ActivationSpec;
import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.BatchMatMulKernel;
import dev.octet.engine.BatchMatMulSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/**
 * The law of two run-time operands: that of matmul, with scales per row of the one and column of the other.
 */
final class ScalarBatchMatMul implements BatchMatMulKernel {
  private final BatchMatMulSpec spec;

  ScalarBatchMatMul(BatchMatMulSpec spec) {
    this.spec = spec;
  }

  @Override
  public String name() {
    return ("scalar:" + spec.left().type() + spec.right().type() + "_" + spec.output().type() + "_batch")
        .toLowerCase(Locale.ROOT);
  }

  @Override
  public void run(BatchMatMulCall call) {
    for (int b = 0; b < call.batch(); b++) {
      // A repeated operand repeats its run-time scales and zero points too.
      long firstRow = call.leftBatch() == 0 ? 0 : (long) b * call.m();
      long firstColumn = call.rightBatch() == 0 ? 0 : (long) b * call.n();
      for (int row = 0; row < call.m(); row++) {
        float leftScale = scale(spec.left(), call.leftScales(), firstRow + row);
        int leftZeroPoint = zeroPoint(spec.left(), call.leftZeroPoints(), firstRow + row);
        for (int column = 0; column < call.n(); column++) {
          float rightScale = scale(spec.right(), call.rightScales(), firstColumn + column);
          int rightZeroPoint = zeroPoint(spec.right(), call.rightZeroPoints(), firstColumn + column);
          ScalarOutput.store(spec.output(), accumulate(call, b, row, leftZeroPoint, column, rightZeroPoint),
              leftScale, spec.left().atRun(), rightScale, false, 0, call.out(),
              b * call.outBatch() + row * call.outRow() + column);
        }
      }
    }
  }

  private int accumulate(BatchMatMulCall call, int b, int row, int leftZeroPoint, int column,
      int rightZeroPoint) {
    long left = b * call.leftBatch() + row * call.leftRow();
    long right = b * call.rightBatch() + (spec.rightTransposed() ? column * call.rightRow() : column);
    long rightStep = spec.rightTransposed() ? 1 : call.rightRow();
    int accumulator = 0;
    for (int i = 0; i < call.k(); i++) {
      int a = ScalarOutput.load(call.left(), spec.left().type(), left + i) - leftZeroPoint;
      int w = ScalarOutput.load(call.right(), spec.right().type(), right + i * rightStep) - rightZeroPoint;
      accumulator += a * w;
    }
    return accumulator;
  }

  private static float scale(ActivationSpec operand, MemorySegment scales, long index) {
    return scales == null ? operand.scale() : scales.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * index);
  }

  private static int zeroPoint(ActivationSpec operand, MemorySegment zeroPoints, long index) {
    return zeroPoints == null
        ? operand.zeroPoint()
        : zeroPoints.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * index);
  }
}
