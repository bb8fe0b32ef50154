package dev.octet.internal.scalar;

import dev.octet.engine.RequantizeKernel;
import dev.octet.engine.RequantizeSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/** The law of requantize: bias, scale, round, clamp. */
final class ScalarRequantize implements RequantizeKernel {
  private final RequantizeSpec spec;

  ScalarRequantize(RequantizeSpec spec) {
    this.spec = spec;
  }

  @Override
  public String name() {
    return ("scalar:requantize_s32_" + spec.output().type()).toLowerCase(Locale.ROOT);
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, long rows, int channels) {
    for (long row = 0; row < rows; row++) {
      for (int channel = 0; channel < channels; channel++) {
        long index = row * channels + channel;
        int accumulator = src.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * index);
        if (spec.bias() != null) {
          accumulator += spec.bias()[channel];
        }
        // The accumulator's scale stands for sx * sw: f32(scale * 1) is the scale itself.
        float scale = spec.scales()[spec.scales().length == 1 ? 0 : channel];
        ScalarOutput.store(spec.output(), accumulator, scale, false, 1, false, 0, dst, index);
      }
    }
  }
}
