package dev.octet.internal.scalar;

import dev.octet.engine.BatchMatMulCall;
import dev.octet.engine.SgemmKernel;
import dev.octet.engine.SgemmSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The law of products of floats. */
final class ScalarSgemm implements SgemmKernel {
  private final SgemmSpec spec;
  /** {@code [k][n]}; null where each run brings a right operand. */
  private final float[][] weights;

  ScalarSgemm(SgemmSpec spec) {
    this.spec = spec;
    this.weights = spec.weights() == null ? null : new float[spec.k()][spec.n()];
    for (int row = 0; weights != null && row < spec.k(); row++) {
      for (int column = 0; column < spec.n(); column++) {
        weights[row][column] = load(spec.weights(), spec.at(row, column));
      }
    }
  }

  @Override
  public String name() {
    return "scalar:sgemm_f32";
  }

  @Override
  public long packedBytes() {
    return weights == null ? 0 : 4L * spec.k() * spec.n();
  }

  @Override
  public void run(BatchMatMulCall call) {
    for (int b = 0; b < call.batch(); b++) {
      for (int row = 0; row < call.m(); row++) {
        for (int column = 0; column < call.n(); column++) {
          long out = b * call.outBatch() + row * call.outRow() + column;
          float sum = first(call, out, row, column);
          for (int i = 0; i < call.k(); i++) {
            sum = Math.fma(load(call.left(), b * call.leftBatch() + row * call.leftRow() + i),
                right(call, b, i, column), sum);
          }
          call.out().set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * out, sum);
        }
      }
    }
  }

  private float first(BatchMatMulCall call, long out, int row, int column) {
    if (spec.accumulate()) {
      return load(call.out(), out);
    }
    if (spec.rowBias() != null) {
      return spec.rowBias()[row];
    }
    return spec.bias() == null ? 0 : spec.bias()[column];
  }

  private float right(BatchMatMulCall call, int b, int row, int column) {
    if (weights != null) {
      return weights[row][column];
    }
    long inMatrix = spec.rightTransposed()
        ? column * call.rightRow() + row
        : row * call.rightRow() + column;
    return load(call.right(), b * call.rightBatch() + inMatrix);
  }

  private static float load(MemorySegment from, long index) {
    return from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * index);
  }
}
