package dev.octet.internal.scalar;

import dev.octet.engine.ResizeAxis;
import dev.octet.engine.ResizeKernel;
import dev.octet.engine.ResizeSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/** The law of resizing: the nearest pixel, or the weighted sum of four, cut off towards 0. */
final class ScalarResize implements ResizeKernel {
  private final ResizeSpec spec;

  ScalarResize(ResizeSpec spec) {
    this.spec = spec;
  }

  @Override
  public String name() {
    return ("scalar:" + (spec.linear() ? "linear" : "nearest") + "_resize_" + spec.type())
        .toLowerCase(Locale.ROOT);
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width, int channels) {
    int outHeight = (int) spec.vertical().out(height);
    int outWidth = (int) spec.horizontal().out(width);
    long to = 0;
    for (long image = 0; image < batch; image++) {
      for (int oy = 0; oy < outHeight; oy++) {
        float y = spec.row(oy, height, width);
        for (int ox = 0; ox < outWidth; ox++) {
          float x = spec.column(ox, height, width);
          for (int channel = 0; channel < channels; channel++) {
            long from = image * height * width * channels + channel;
            int q = spec.linear()
                ? linear(src, from, height, width, channels, y, x)
                : load(src, from, width, channels, ResizeAxis.nearest(spec.nearest(), y),
                    ResizeAxis.nearest(spec.nearest(), x));
            dst.set(ValueLayout.JAVA_BYTE, to, (byte) q);
            to++;
          }
        }
      }
    }
  }

  private int load(MemorySegment src, long from, int width, int channels, int y, int x) {
    return ScalarOutput.load(src, spec.type(), from + ((long) y * width + x) * channels);
  }

  private int linear(MemorySegment src, long from, int height, int width, int channels, float y, float x) {
    int y1 = (int) y;
    int x1 = (int) x;
    int y2 = ResizeAxis.second(y1, height);
    int x2 = ResizeAxis.second(x1, width);
    float upper = ResizeAxis.firstWeight(y, y1, y2);
    float lower = ResizeAxis.secondWeight(y, y1, y2);
    float left = ResizeAxis.firstWeight(x, x1, x2);
    float right = ResizeAxis.secondWeight(x, x1, x2);
    float sum = left * upper * (float) load(src, from, width, channels, y1, x1);
    sum += right * upper * (float) load(src, from, width, channels, y1, x2);
    sum += left * lower * (float) load(src, from, width, channels, y2, x1);
    sum += right * lower * (float) load(src, from, width, channels, y2, x2);
    return (int) sum;
  }
}
