package dev.octet.internal.scalar;

import dev.octet.engine.MatMulKernel;
import dev.octet.engine.MatMulSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/** The law of matmul: accumulate, bias, output. */
final class ScalarMatMul implements MatMulKernel {
  private final MatMulSpec spec;
  private final int k;
  private final int n;
  /** Weights minus their zero points, {@code [N][K]}; 9 bits. */
  private final short[][] centred;
  private final float[] weightScales;

  ScalarMatMul(MatMulSpec spec) {
    this.spec = spec;
    this.k = spec.weights().k();
    this.n = spec.weights().n();
    this.centred = CentredWeights.of(spec.weights());
    this.weightScales = new float[n];
    for (int column = 0; column < n; column++) {
      weightScales[column] = spec.weights().scale(0, column);
    }
  }

  @Override
  public String name() {
    return ("scalar:" + spec.input().type() + spec.weights().type() + "_" + spec.output().type())
        .toLowerCase(Locale.ROOT);
  }

  @Override
  public long packedBytes() {
    return CentredWeights.bytes(centred) + 4L * n;
  }

  @Override
  public void run(MemorySegment src, long srcStride, MemorySegment rowScales, MemorySegment rowZeroPoints,
      MemorySegment dst, long dstStride, int rows) {
    boolean atRun = spec.input().atRun();
    for (int row = 0; row < rows; row++) {
      float scale = atRun ? rowScales.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * row) : spec.input().scale();
      int zeroPoint = !atRun
          ? spec.input().zeroPoint()
          : rowZeroPoints == null ? 0 : rowZeroPoints.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * row);
      for (int column = 0; column < n; column++) {
        int accumulator = spec.bias() == null ? 0 : spec.bias()[column];
        for (int i = 0; i < k; i++) {
          int a = ScalarOutput.load(src, spec.input().type(), row * srcStride + i) - zeroPoint;
          accumulator += a * centred[column][i];
        }
        ScalarOutput.store(spec.output(), accumulator, scale, atRun, weightScales[column],
            spec.floatBias() != null,
            spec.floatBias() == null ? 0 : spec.floatBias()[column], dst, row * dstStride + column);
      }
    }
  }
}
