package dev.octet.internal.scalar;

import dev.octet.engine.FloatLaw;
import dev.octet.engine.SoftmaxKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The law of softmax. */
final class ScalarSoftmax implements SoftmaxKernel {
  private final float scale;

  ScalarSoftmax(float scale) {
    this.scale = scale;
  }

  @Override
  public String name() {
    return "scalar:softmax_f32";
  }

  @Override
  public void run(MemorySegment src, MemorySegment mask, MemorySegment dst, long rows, int columns) {
    float[] x = new float[columns];
    for (long row = 0; row < rows; row++) {
      float most = Float.NEGATIVE_INFINITY;
      for (int i = 0; i < columns; i++) {
        float score = src.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (row * columns + i)) * scale;
        x[i] = mask == null ? score : score + mask.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
        most = Math.max(most, x[i]);
      }
      float[] sums = new float[FloatLaw.SUMS];
      for (int i = 0; i < columns; i++) {
        x[i] = FloatLaw.exponential(Math.max(FloatLaw.LOWEST, x[i] - most));
        sums[i % FloatLaw.SUMS] += x[i];
      }
      float factor = 1 / FloatLaw.total(sums);
      for (int i = 0; i < columns; i++) {
        dst.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (row * columns + i), x[i] * factor);
      }
    }
  }
}
