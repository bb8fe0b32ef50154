package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.op.BatchArguments;
import dev.octet.op.Sgemm;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Convolution as a product of the weights with a matrix that has a column for each window. Where windows are
 * more than one element, so many columns are made at a time as a second cache holds.
 *
 * @param op multiplies; adds the bias, or adds to what is there
 * @param adds whether the bias is there before
 * @param window with the sizes of a run
 * @param phases of the images of a group; null where each window is one element
 * @param images how many
 * @param groups of an image
 * @param channels of a group
 * @param outs out channels of a group
 */
record GroupedConv(Sgemm op, boolean adds, Window window, Polyphase phases, int images, int groups,
    int channels, int outs) implements Step {
  /** Columns are a multiple of this, at least four times. */
  private static final int GRAIN = 64;
  /** Floats of columns that are made at a time. */
  private static final int MADE = 1 << 18;

  private int k() {
    return Runs.array("a window", (long) channels * window.taps());
  }

  private int width() {
    int columns = (int) window.windows();
    return Math.min(columns, Math.max(4, MADE / k() / GRAIN) * GRAIN);
  }

  @Override
  public long scratchBytes() {
    return phases == null ? 0 : Float.BYTES * (long) k() * width();
  }

  @Override
  public long arrayBytes() {
    return phases == null ? 0 : phases.bytes();
  }

  @Override
  public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
    if (adds) {
      begin(in[2], out[0], scratch);
    }
    if (phases == null) {
      pointwise(in, out[0]);
      return;
    }
    float[] planes = phases.images(scratch, 0);
    BatchArguments arguments = new BatchArguments();
    for (int part = 0; part < images * groups; part++) {
      phases.load(in[0], (long) part * channels * window.pixels(), planes, scratch);
      unfolded(in[1], planes, part, out[0], arguments, scratch.memory());
    }
  }

  /** Fills the result with the bias of each channel. */
  private void begin(MemorySegment bias, MemorySegment result, Scratch scratch) {
    int columns = (int) window.windows();
    float[] row = scratch.floats(0, columns);
    for (int channel = 0; channel < images * groups * outs; channel++) {
      Arrays.fill(row, 0, columns, Elements.real(bias, channel % (groups * outs)));
      MemorySegment.copy(row, 0, result, Elements.FLOAT, 4L * channel * columns, columns);
    }
  }

  /** Images are the matrices. */
  private void pointwise(MemorySegment[] in, MemorySegment result) {
    int columns = (int) window.windows();
    long image = (long) channels * columns;
    long results = (long) outs * columns;
    BatchArguments arguments = new BatchArguments().left(in[1]).rightStrides(image, columns)
        .outStrides(results, columns);
    if (groups == 1) {
      op.run(arguments.sizes(images, outs, channels, columns).leftStrides(0, channels).right(in[0])
          .out(result));
      return;
    }
    arguments.sizes(groups, outs, channels, columns).leftStrides((long) outs * channels, channels);
    for (int i = 0; i < images; i++) {
      op.run(arguments.right(in[0].asSlice(4L * i * groups * image))
          .out(result.asSlice(4L * i * groups * results)));
    }
  }

  private void unfolded(MemorySegment weights, float[] planes, int part, MemorySegment result,
      BatchArguments arguments, MemorySegment matrix) {
    int k = k();
    int columns = (int) window.windows();
    int width = width();
    MemorySegment left = weights.asSlice(4L * (part % groups) * outs * k);
    for (int first = 0; first < columns; first += width) {
      int count = Math.min(width, columns - first);
      for (int row = 0; row < k; row++) {
        int tap = row % window.taps();
        int size = window.columns().size();
        phases.copy(planes, phases.tap(row / window.taps(), tap / size, tap % size), first, count, matrix,
            (long) row * count);
      }
      op.run(arguments.sizes(1, outs, k, count).left(left).right(matrix).outStrides(0, columns)
          .out(result.asSlice(4 * ((long) part * outs * columns + first))));
    }
  }
}
