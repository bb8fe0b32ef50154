package dev.octet.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.WeightLayout;
import dev.octet.engine.Window;
import dev.octet.internal.parallel.CallerOnly;
import dev.octet.internal.parallel.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The FP32 baseline within the error bound of float arithmetic, against sums in double precision. */
class FloatConv2dTest {
  private static final long SEED = 20250102;

  private record Case(int out, int in, int groups, Window window, int batch, int height, int width) {}

  private static final Case[] CASES = {
      new Case(5, 3, 1, new Window(3, 3, 1, 1, 1, 1, 1, 1, 1, 1), 2, 8, 7),
      new Case(64, 32, 1, new Window(1, 1, 1, 1, 1, 1, 0, 0, 0, 0), 1, 9, 9),
      new Case(8, 4, 2, new Window(3, 2, 2, 1, 1, 2, 2, 0, 1, 3), 1, 11, 10),
      new Case(16, 1, 16, new Window(3, 3, 2, 2, 1, 1, 1, 1, 1, 1), 5, 12, 12),
      new Case(6, 2, 1, new Window(1, 5, 1, 2, 1, 1, 0, 2, 0, 2), 3, 1, 33),
      new Case(4, 4, 1, new Window(3, 3, 1, 1, 1, 1, 3, 3, 3, 3), 1, 2, 2)};

  @Test
  void convolvesWithinTheBoundOfFloats() {
    Random random = new Random(SEED);
    for (Case c : CASES) {
      check(new CallerOnly(), c, WeightLayout.OHWI, false, random);
      check(new ThreeShares(), c, WeightLayout.OIHW, true, random);
    }
  }

  @Test
  void refusesOtherLayouts() {
    MemorySegment w = MemorySegment.ofArray(new float[1]);
    Window window = new Window(1, 1, 1, 1, 1, 1, 0, 0, 0, 0);
    assertEquals("weights: expected layout OHWI or OIHW, got HWIO",
        assertThrows(IllegalArgumentException.class,
            () -> new FloatConv2d(new CallerOnly(), w, WeightLayout.HWIO, 1, 1, 1, window, null, 1, 1))
            .getMessage());
  }

  private static void check(Workers workers, Case c, WeightLayout layout, boolean biased, Random random) {
    Window window = c.window();
    int taps = window.kernelHeight() * window.kernelWidth();
    float[] w = Floats.gaussian(random, c.out() * taps * c.in());
    float[] bias = biased ? Floats.gaussian(random, c.out()) : null;
    int outHeight = (int) window.outHeight(c.height());
    int outWidth = (int) window.outWidth(c.width());
    int inChannels = c.in() * c.groups();
    float[] x = Floats.gaussian(random, c.batch() * c.height() * c.width() * inChannels);
    try (Arena arena = Arena.ofConfined();
        FloatConv2d conv = new FloatConv2d(workers, MemorySegment.ofArray(w), layout, c.out(), c.in(),
            c.groups(),
            window, bias, c.height(), c.width())) {
      assertTrue(conv.kernel().startsWith("onednn:"), conv.kernel());
      MemorySegment y = arena.allocate(4L * c.batch() * outHeight * outWidth * c.out());
      conv.run(arena.allocateFrom(ValueLayout.JAVA_FLOAT, x), y, c.batch(), c.height(), c.width());
      for (int i = 0; i < y.byteSize() / 4; i++) {
        int o = i % c.out();
        int outX = i / c.out() % outWidth;
        int outY = i / c.out() / outWidth % outHeight;
        int image = i / c.out() / outWidth / outHeight;
        double expected = biased ? bias[o] : 0;
        double magnitude = Math.abs(expected);
        for (int tap = 0; tap < taps; tap++) {
          int tapY = tap / window.kernelWidth();
          int tapX = tap % window.kernelWidth();
          int inY = outY * window.strideHeight() - window.padTop() + tapY * window.dilationHeight();
          int inX = outX * window.strideWidth() - window.padLeft() + tapX * window.dilationWidth();
          for (int j = 0; inY >= 0 && inY < c.height() && inX >= 0 && inX < c.width() && j < c.in(); j++) {
            int channel = o / (c.out() / c.groups()) * c.in() + j;
            double product = (double) x[((image * c.height() + inY) * c.width() + inX) * inChannels + channel]
                * w[layout == WeightLayout.OHWI
                    ? (o * taps + tap) * c.in() + j
                    : (o * c.in() + j) * taps + tap];
            expected += product;
            magnitude += Math.abs(product);
          }
        }
        assertEquals(expected, y.getAtIndex(ValueLayout.JAVA_FLOAT, i),
            (taps * c.in() + 1) * 0x1p-23 * magnitude,
            c + " " + layout + " seed " + SEED + " at " + Arrays.toString(new int[]{image, outY, outX, o}));
      }
    }
  }
}
