package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Known;

/**
 * The sizes of images with channels last, as Octet's ops take them: those of one dimension have one row.
 *
 * @param batch how many there are
 * @param height rows of one
 * @param width columns of one
 * @param channels of a pixel
 */
record Images(int batch, int height, int width, int channels) {
  static Images of(Known x) {
    boolean flat = x.rank() == 3;
    return new Images(count(x, 0), flat ? 1 : count(x, 1), count(x, x.rank() - 2), count(x, x.rank() - 1));
  }

  private static int count(Known of, int axis) {
    return Runs.count("axis " + axis, of.dims()[axis]);
  }
}
