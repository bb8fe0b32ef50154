package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.op.Sgemm;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Transposed convolution: the product of the weights with the images has for each tap what it adds to the
 * result, window by window.
 *
 * @param op multiplies
 * @param window of the result: its windows are the elements of the images
 * @param batch the groups of all images
 * @param groups of an image
 * @param channels of a group
 * @param outs out channels of a group
 * @param weights {@code [groups][outs * taps][channels]}; null where they come with a run
 */
record TransposedConv(Sgemm op, Window window, int batch, int groups, int channels, int outs,
    MemorySegment weights)
    implements
      Step {
  /** The array of {@link Scratch} that an image of the result is in; 0 to 7 are the products'. */
  private static final int IMAGE = 8;
  private static final int ROW = 9;

  /**
   * Weights with the channels of a group last, as a product reads them.
   *
   * @param columns of weights {@code [groups][channels][columns]}
   */
  static MemorySegment turned(MemorySegment weights, long groups, long elements, long columns) {
    MemorySegment turned = MemorySegment.ofArray(new float[Runs.array("weights", elements)]);
    long channels = elements / groups / columns;
    new Strided(new long[]{groups, columns, channels}, new long[]{channels * columns, 1, columns},
        Float.BYTES).copy(weights, 0, turned);
    return turned;
  }

  private int rows() {
    return Runs.array("taps", (long) outs * window.taps());
  }

  /** The product of one group of an image. */
  @Override
  public long scratchBytes() {
    return Math.multiplyExact(rows(), 4 * window.windows());
  }

  @Override
  public long arrayBytes() {
    return Float.BYTES * window.pixels();
  }

  @Override
  public void run(MemorySegment[] in, MemorySegment[] out, Scratch scratch) {
    int columns = (int) window.windows();
    int pixels = (int) window.pixels();
    float[] image = scratch.floats(IMAGE, pixels);
    float[] row = scratch.floats(ROW, columns);
    MemorySegment products = scratch.memory();
    MemorySegment left = weights == null
        ? turned(in[1], groups, (long) groups * channels * rows(), rows())
        : weights;
    for (int part = 0; part < batch; part++) {
      int group = part % groups;
      op.run(left.asSlice(4L * group * rows() * channels), in[0].asSlice(4L * part * channels * columns),
          products, 1, rows(), channels, columns);
      for (int o = 0; o < outs; o++) {
        float bias = in.length > 2 && in[2] != null ? Elements.real(in[2], (long) group * outs + o) : 0;
        Arrays.fill(image, 0, pixels, bias);
        for (int tap = 0; tap < window.taps(); tap++) {
          MemorySegment.copy(products, Elements.FLOAT, 4 * ((long) o * window.taps() + tap) * columns, row, 0,
              columns);
          add(row, image, tap / window.columns().size(), tap % window.columns().size());
        }
        MemorySegment.copy(image, 0, out[0], Elements.FLOAT, 4 * ((long) part * outs + o) * pixels, pixels);
      }
    }
  }

  /** Adds what a tap has for each window where it lies in the result. */
  private void add(float[] row, float[] image, int tapRow, int tapColumn) {
    Window.Axis columns = window.columns();
    int first = first(columns, tapColumn);
    int behind = behind(columns, tapColumn);
    int stride = columns.stride();
    for (int y = first(window.rows(), tapRow); y < behind(window.rows(), tapRow); y++) {
      int to = (int) place(window.rows(), tapRow, y) * columns.length();
      int at = to + (int) place(columns, tapColumn, first);
      for (int x = first; x < behind; x++) {
        image[at] += row[y * columns.windows() + x];
        at += stride;
      }
    }
  }

  private static long place(Window.Axis axis, int tap, long window) {
    return window * axis.stride() + (long) tap * axis.dilation() - axis.before();
  }

  /** The first window whose tap does not lie before the result. */
  private static int first(Window.Axis axis, int tap) {
    return (int) Math.clamp(Math.ceilDiv(-place(axis, tap, 0), axis.stride()), 0, (long) axis.windows());
  }

  /** The window behind the last one whose tap does not lie behind the result. */
  private static int behind(Window.Axis axis, int tap) {
    return (int) Math.clamp(Math.ceilDiv(axis.length() - place(axis, tap, 0), axis.stride()), 0,
        (long) axis.windows());
  }
}
