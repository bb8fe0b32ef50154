package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Convolution of each channel by itself: sums over the taps, for so many windows at a time that they stay in
 * a first cache.
 *
 * @param window with the sizes of a run
 * @param phases of an image
 * @param batch the channels of all images
 * @param channels of an image
 */
record DepthwiseConv(Window window, Polyphase phases, int batch, int channels) implements Step {
  private static final int PART = 1024;

  @Override
  public long arrayBytes() {
    return phases.bytes();
  }

  @Override
  public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
    float[] image = phases.images(scratch, 0);
    int taps = window.taps();
    int[] places = scratch.ints(taps);
    for (int tap = 0; tap < taps; tap++) {
      places[tap] = phases.tap(0, tap / window.columns().size(), tap % window.columns().size());
    }
    float[] weights = scratch.floats(7, taps);
    for (int part = 0; part < batch; part++) {
      int channel = part % channels;
      phases.load(in[0], part * window.pixels(), image, scratch);
      MemorySegment.copy(in[1], Elements.FLOAT, 4L * channel * taps, weights, 0, taps);
      float bias = in.length > 2 && in[2] != null ? Elements.real(in[2], channel) : 0;
      for (int first = 0; first < phases.length(); first += PART) {
        int count = Math.min(PART, phases.length() - first);
        float[] sums = sums(image, places, taps, first, count, weights, bias, scratch);
        phases.put(sums, first, count, out[0], part * window.windows());
      }
    }
  }

  private static float[] sums(float[] image, int[] places, int taps, int first, int count, float[] weights,
      float bias,
      Scratch scratch) {
    float[] y = scratch.floats(0, PART);
    float[] a = scratch.floats(1, PART);
    float[] b = scratch.floats(2, PART);
    float[] c = scratch.floats(3, PART);
    float[] d = scratch.floats(4, PART);
    Arrays.fill(y, 0, count, bias);
    int tap = 0;
    for (; tap + 3 < taps; tap += 4) {
      System.arraycopy(image, places[tap] + first, a, 0, count);
      System.arraycopy(image, places[tap + 1] + first, b, 0, count);
      System.arraycopy(image, places[tap + 2] + first, c, 0, count);
      System.arraycopy(image, places[tap + 3] + first, d, 0, count);
      four(a, b, c, d, weights[tap], weights[tap + 1], weights[tap + 2], weights[tap + 3], y, count);
    }
    for (; tap < taps; tap++) {
      System.arraycopy(image, places[tap] + first, a, 0, count);
      one(a, weights[tap], y, count);
    }
    return y;
  }

  private static void four(float[] a, float[] b, float[] c, float[] d, float wa, float wb, float wc, float wd,
      float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = Math.fma(wd, d[i], Math.fma(wc, c[i], Math.fma(wb, b[i], Math.fma(wa, a[i], y[i]))));
    }
  }

  private static void one(float[] a, float w, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = Math.fma(w, a[i], y[i]);
    }
  }
}
