package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Known;
import java.util.Arrays;

/** What convolutions have in common, of floats and of integers: shapes, groups, windows. */
final class Convolutions {
  private Convolutions() {}

  /** The number of groups of channels. */
  static long groups(Attributes attributes) {
    long groups = attributes.integer("group", 1);
    if (groups < 1 || groups > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("attribute group: expected 1 to 2^31 - 1, got " + groups);
    }
    return groups;
  }

  /**
   * The shape of the result; null where its rank is not known.
   *
   * @throws IllegalArgumentException if images, weights and attributes do not fit each other
   */
  static long[] shape(WindowAttributes window, long groups, Known x, Known w) {
    if (!x.hasRank() || !w.hasRank()) {
      return null;
    }
    if (x.rank() != w.rank()) {
      throw new IllegalArgumentException(
          "expected as many axes of images as of weights, got " + x + " and " + w);
    }
    long[] sizes = sizes(w);
    window.check(x.rank(), sizes);
    long channels = x.dims()[1];
    long outs = w.dims()[0];
    long own = w.dims()[1];
    if ((channels >= 0 && own >= 0 && own * groups != channels) || (outs >= 0 && outs % groups != 0)
        || own == 0 || outs == 0) {
      throw new IllegalArgumentException(
          "the channels of " + x + " and the weights " + w + " do not fit " + groups + " groups");
    }
    int axes = x.rank() - 2;
    long[] dims = Dims.unknown(x.rank());
    dims[0] = x.dims()[0];
    dims[1] = outs;
    for (int axis = 0; axis < axes; axis++) {
      if (sizes[axis] == 0) {
        throw new IllegalArgumentException("expected a window of 1 or more, got weights " + w);
      }
      dims[axis + 2] = window.windows(axis, axes, sizes[axis], x.dims()[axis + 2]);
    }
    return dims;
  }

  private static long[] sizes(Known w) {
    return Arrays.copyOfRange(w.dims(), Math.min(2, w.rank()), w.rank());
  }

  /** Checks that there is a bias of each out channel. */
  static void checkBias(Known bias, long outs) {
    if (bias.rank() != 1 || (bias.dims()[0] >= 0 && outs >= 0 && bias.dims()[0] != outs)) {
      throw new IllegalArgumentException("expected a bias of each of " + outs + " channels, got " + bias);
    }
  }

  /** The window of a run. */
  static Window window(WindowAttributes attributes, Known x, Known w) {
    return attributes.window(sizes(w), Arrays.copyOfRange(x.dims(), 2, x.rank()));
  }
}
