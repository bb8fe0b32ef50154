package dev.octet.internal.scalar;

import dev.octet.engine.PadKernel;
import dev.octet.engine.PadSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/** The law of padding: the image where there is one, else the value. */
final class ScalarPad implements PadKernel {
  private final PadSpec spec;

  ScalarPad(PadSpec spec) {
    this.spec = spec;
  }

  @Override
  public String name() {
    return ("scalar:pad_" + spec.type()).toLowerCase(Locale.ROOT);
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, int height, int width, int channels) {
    long to = 0;
    for (long image = 0; image < batch; image++) {
      for (long y = -spec.top(); y < (long) height + spec.bottom(); y++) {
        for (long x = -spec.left(); x < (long) width + spec.right(); x++) {
          boolean inside = y >= 0 && y < height && x >= 0 && x < width;
          for (int channel = 0; channel < channels; channel++) {
            long from = ((image * height + y) * width + x) * channels + channel;
            byte q = inside ? src.get(ValueLayout.JAVA_BYTE, from) : (byte) spec.value();
            dst.set(ValueLayout.JAVA_BYTE, to, q);
            to++;
          }
        }
      }
    }
  }
}
