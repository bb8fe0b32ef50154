package dev.octet.internal.scalar;

import dev.octet.engine.Numbers;
import dev.octet.engine.OutputSpec;
import dev.octet.engine.PoolKernel;
import dev.octet.engine.PoolSpec;
import dev.octet.engine.PoolSpec.Kind;
import dev.octet.engine.Window;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/**
 * The law of pooling over windows. Taps in the padding are left out, not walked: there may be 2^62 of them.
 */
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
    long top = outY * window.strideHeight() - window.padTop();
    long left = outX * window.strideWidth() - window.padLeft();
    int firstY = Window.firstTap(top, window.dilationHeight(), window.kernelHeight());
    int endY = Window.endTap(top, height, window.dilationHeight(), window.kernelHeight(), firstY);
    int firstX = Window.firstTap(left, window.dilationWidth(), window.kernelWidth());
    int endX = Window.endTap(left, width, window.dilationWidth(), window.kernelWidth(), firstX);
    long sum = 0;
    int largest = spec.input().type().min();
    for (int tapY = firstY; tapY < endY; tapY++) {
      long y = top + (long) tapY * window.dilationHeight();
      for (int tapX = firstX; tapX < endX; tapX++) {
        long x = left + (long) tapX * window.dilationWidth();
        int q = ScalarOutput.load(src, spec.input().type(),
            ((image * height + y) * width + x) * channels + channel);
        sum += q - spec.input().zeroPoint();
        largest = Math.max(largest, q);
      }
    }
    long count = (long) (endY - firstY) * (endX - firstX);
    if (spec.kind() == Kind.MAX) {
      return largest;
    }
    long taps = (long) window.paddedRows(top, height) * window.paddedColumns(left, width);
    return average(spec, sum, spec.countPadding() ? taps : count);
  }

  /** {@code f32(sum) * f32(sx / f32(count * sy))}, rounded; the average of nothing is 0. */
  static int average(PoolSpec spec, long sum, long count) {
    OutputSpec output = spec.output();
    float multiplier = spec.input().scale() / ((float) Math.max(1, count) * output.scale());
    return Numbers.round((float) sum * multiplier, output.zeroPoint(), output.lo(), output.hi());
  }
}
