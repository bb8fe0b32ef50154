package dev.octet.internal.scalar;

import dev.octet.engine.FloatLaw;
import dev.octet.engine.LayerNormKernel;
import dev.octet.engine.LayerNormSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The law of layer norm. */
final class ScalarLayerNorm implements LayerNormKernel {
  private final LayerNormSpec spec;

  ScalarLayerNorm(LayerNormSpec spec) {
    this.spec = spec;
  }

  @Override
  public String name() {
    return "scalar:layer_norm_f32";
  }

  @Override
  public void run(MemorySegment src, MemorySegment residual, MemorySegment dst, long rows) {
    int columns = spec.columns();
    float[] x = new float[columns];
    for (long row = 0; row < rows; row++) {
      float[] sums = new float[FloatLaw.SUMS];
      for (int i = 0; i < columns; i++) {
        long at = 4 * (row * columns + i);
        x[i] = src.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
        if (residual != null) {
          x[i] += residual.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
        }
        sums[i % FloatLaw.SUMS] += x[i];
      }
      float mean = FloatLaw.total(sums) / columns;
      float[] squares = new float[FloatLaw.SUMS];
      for (int i = 0; i < columns; i++) {
        x[i] -= mean;
        squares[i % FloatLaw.SUMS] = Math.fma(x[i], x[i], squares[i % FloatLaw.SUMS]);
      }
      float factor = FloatLaw.normFactor(FloatLaw.total(squares), columns, spec.epsilon());
      for (int i = 0; i < columns; i++) {
        dst.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (row * columns + i),
            Math.fma(x[i] * factor, spec.weights()[i], spec.bias()[i]));
      }
    }
  }
}
