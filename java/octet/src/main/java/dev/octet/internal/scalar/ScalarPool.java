package dev.octet.internal.scalar;

import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import dev.octet.engine.PoolKernel;
import dev.octet.engine.PoolSpec.Kind;
import dev.octet.engine.PoolSpec;
import dev.octet.engine.Window;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/** The law of pooling over windows. */
final class ScalarPool implements PoolKernel {
  private final PoolSpec spec;

  ScalarPool(PoolSpec spec) {
    this.spec = spec;
  }

  @Override
  public String name() {
    return ("scalar:" + spec.kind() + "_pool_" + spec.input().type()).toLowerCase(Locale.ROOT);
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width, int channels) {
    long outHeight = spec.window().outHeight(height);
    long outWidth = spec.window().outWidth(width);
    for (long image = 0; image < batch; image++) {
      for (long y = 0; y < outHeight; y++) {
        for (long x = 0; x < outWidth; x++) {
          for (int channel = 0; channel < channels; channel++) {
            int q = pool(src, image, y, x, height, width, channels, channel);
            dst.set(ValueLayout.JAVA_BYTE, ((image * outHeight + y) * outWidth + x) * channels + channel,
                (byte) q);
          }
        }
      }
    }
  }

  private int pool(MemorySegment src, long image, long outY, long outX, int height, int width, int channels,
      int channel) {
    Window window = spec.window();
    long sum = 0;
    long count = 0;
    int largest = spec.input().type().min();
    for (int tapY = 0; tapY < window.kernelHeight(); tapY++) {
      long y = outY * window.strideHeight() + (long) tapY * window.dilationHeight() - window.padTop();
      for (int tapX = 0; tapX < window.kernelWidth(); tapX++) {
        long x = outX * window.strideWidth() + (long) tapX * window.dilationWidth() - window.padLeft();
        if (y >= 0 && y < height && x >= 0 && x < width) {
          int q = ScalarOutput.load(src, spec.input().type(),
              ((image * height + y) * width + x) * channels + channel);
          sum += q - spec.input().zeroPoint();
          count++;
          largest = Math.max(largest, q);
        }
      }
    }
    if (spec.kind() == Kind.MAX) {
      return largest;
    }
    long taps = (long) window.kernelHeight() * window.kernelWidth();
    return average(spec, sum, spec.countPadding() ? taps : count);
  }

  /** {@code f32(sum) * f32(sx / f32(count * sy))}, rounded; the average of nothing is 0. */
  static int average(PoolSpec spec, long sum, long count) {
    OutputSpec output = spec.output();
    float multiplier = spec.input().scale() / ((float) Math.max(1, count) * output.scale());
    return Numbers.round((float) sum * multiplier, output.zeroPoint(), output.lo(), output.hi());
  }
}
