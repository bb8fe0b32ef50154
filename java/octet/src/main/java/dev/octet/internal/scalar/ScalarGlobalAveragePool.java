package dev.octet.internal.scalar;

import dev.octet.engine.PoolKernel;
import dev.octet.engine.PoolSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/** The law of the average of a whole image. */
final class ScalarGlobalAveragePool implements PoolKernel {
  private final PoolSpec spec;

  ScalarGlobalAveragePool(PoolSpec spec) {
    this.spec = spec;
  }

  @Override
  public String name() {
    return ("scalar:global_average_pool_" + spec.input().type()).toLowerCase(Locale.ROOT);
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width, int channels) {
    long pixels = (long) height * width;
    for (long image = 0; image < batch; image++) {
      for (int channel = 0; channel < channels; channel++) {
        long sum = 0;
        for (long pixel = 0; pixel < pixels; pixel++) {
          int q = ScalarOutput.load(src, spec.input().type(), (image * pixels + pixel) * channels + channel);
          sum += q - spec.input().zeroPoint();
        }
        dst.set(ValueLayout.JAVA_BYTE, image * channels + channel,
            (byte) ScalarPool.average(spec, sum, pixels));
      }
    }
  }
}
