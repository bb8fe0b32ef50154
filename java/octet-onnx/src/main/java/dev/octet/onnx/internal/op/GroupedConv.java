package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import java.lang.foreign.MemorySegment;

/**
 * Convolution as a product of the weights with a matrix that never is as a whole: a column for each window,
 * of which a panel that a second cache holds is made at a time.
 *
 * @param window with the sizes of a run
 * @param phases of the images of a group; null where each window is one element
 * @param batch the groups of all images
 * @param groups of an image
 * @param channels of a group
 * @param outs out channels of a group
 */
record GroupedConv(Window window, Polyphase phases, int batch, int groups, int channels, int outs)
    implements
      Step {
  /**
   * Columns of a panel, half of them more or less: loops over 512 floats are 1.6 times as fast as over 128.
   */
  private static final int WIDTH = 512;
  /** Rows of a panel: half of a second cache of 1 MB. */
  private static final int ROWS = 256;

  @Override
  public long arrayBytes() {
    return phases == null ? 0 : phases.bytes();
  }

  @Override
  public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
    int k = Runs.array("a window", (long) channels * window.taps());
    int columns = (int) window.windows();
    int width = Math.ceilDiv(columns, Math.max(1, (columns + WIDTH / 2) / WIDTH));
    float[] images = phases == null ? null : phases.images(scratch, 0);
    float[][] rows = scratch.rows(Math.min(ROWS, k), width);
    for (int part = 0; part < batch; part++) {
      int group = part % groups;
      long from = (long) part * channels * window.pixels();
      if (phases != null) {
        phases.load(in[0], from, images, scratch);
      }
      FloatPanels.Operand result = new FloatPanels.Operand(out[0], (long) part * outs * columns, columns);
      FloatPanels.Bias bias = new FloatPanels.Bias(Conv.bias(in, group * outs, outs, scratch), null);
      for (int first = 0; first < columns; first += width) {
        int count = Math.min(width, columns - first);
        for (int row = 0; row < k; row += ROWS) {
          int height = Math.min(ROWS, k - row);
          if (phases == null) {
            FloatPanels.load(in[0], from + (long) row * columns, height, columns, first, count, rows);
          } else {
            unfold(images, row, height, first, count, rows);
          }
          new FloatPanels.Panel(rows, first, count).multiply(
              new FloatPanels.Operand(in[1], (long) group * outs * k + row, k), result, outs, height,
              row == 0 ? bias : FloatPanels.Bias.SUMS, scratch);
        }
      }
    }
  }

  /** Makes rows of a panel: what a tap of a channel meets in some windows. */
  private void unfold(float[] images, int row, int height, int first, int count, float[][] rows) {
    int taps = window.taps();
    int width = window.columns().size();
    for (int i = 0; i < height; i++) {
      int tap = (row + i) % taps;
      phases.copy(images, phases.tap((row + i) / taps, tap / width, tap % width), first, count, rows[i]);
    }
  }
}
