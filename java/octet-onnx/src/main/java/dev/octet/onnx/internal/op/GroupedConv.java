package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import java.lang.foreign.MemorySegment;

/**
 * Convolution as a product of the weights with a matrix that never is as a whole: a column for each window,
 * of which as many as a second cache holds are made at a time.
 *
 * @param window with the sizes of a run
 * @param phases of the images of a group; null where each window is one element
 * @param batch the groups of all images
 * @param groups of an image
 * @param channels of a group
 * @param outs out channels of a group
 */
record GroupedConv(Window window, Polyphase phases, int batch, int groups, int channels,
    int outs) implements Step {
  /** Floats of a panel: half of a second cache of 1 MB. */
  private static final int PANEL = 1 << 17;
  private static final int WIDEST = 512;
  private static final int NARROWEST = 64;

  @Override
  public long arrayBytes() {
    return phases == null ? 0 : phases.bytes();
  }

  @Override
  public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
    int k = Runs.array("a window", (long) channels * window.taps());
    int columns = (int) window.windows();
    int width = Math.clamp(PANEL / k / 16 * 16L, NARROWEST, WIDEST);
    float[] images = phases == null ? null : phases.images(scratch, 0);
    float[][] rows = scratch.rows(k, Math.min(width, columns));
    for (int part = 0; part < batch; part++) {
      int group = part % groups;
      long from = (long) part * channels * window.pixels();
      if (phases != null) {
        phases.load(in[0], from, images, scratch);
      }
      FloatPanels.Bias bias = new FloatPanels.Bias(Conv.bias(in, group * outs, outs, scratch), null);
      for (int first = 0; first < columns; first += width) {
        int count = Math.min(width, columns - first);
        if (phases == null) {
          FloatPanels.load(in[0], from, k, columns, first, count, rows);
        } else {
          unfold(images, first, count, rows);
        }
        new FloatPanels.Panel(rows, first, count).multiply(in[1], (long) group * outs * k, out[0],
            (long) part * outs * columns, outs, k, columns, bias, scratch);
      }
    }
  }

  private void unfold(float[] images, int first, int count, float[][] rows) {
    int row = 0;
    for (int channel = 0; channel < channels; channel++) {
      for (int y = 0; y < window.rows().size(); y++) {
        for (int x = 0; x < window.columns().size(); x++) {
          phases.copy(images, phases.tap(channel, y, x), first, count, rows[row++]);
        }
      }
    }
  }
}
