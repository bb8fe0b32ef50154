package dev.octet.quantize.train;

import dev.octet.Shape;

/**
 * Where the channels of a dense array lie: {@code [outer][channels][inner]}. A whole tensor is one channel of
 * any length.
 */
record ChannelLayout(int outer, int channels, int inner) {
  /** Inner length of an array whose length comes with each call. */
  private static final int ANY = -1;

  static final ChannelLayout TENSOR = new ChannelLayout(1, 1, ANY);

  static ChannelLayout of(Shape shape, int axis) {
    if (axis < 0 || axis >= shape.rank()) {
      throw new IllegalArgumentException("axis: expected 0 to " + (shape.rank() - 1) + " for shape " + shape
          + ", got " + axis);
    }
    if (shape.elements() == 0 || shape.elements() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("shape: expected 1 to 2^31 - 1 elements, got " + shape);
    }
    int outer = 1;
    for (int a = 0; a < axis; a++) {
      outer *= shape.intDim(a);
    }
    int channels = shape.intDim(axis);
    return new ChannelLayout(outer, channels, (int) (shape.elements() / outer / channels));
  }

  /** Elements between a channel's neighbours in an array. */
  int inner(float[] values) {
    return inner == ANY ? values.length : inner;
  }

  /** How many elements of an array belong to one channel. */
  int perChannel(float[] values) {
    return outer * inner(values);
  }

  void check(String name, float[] values) {
    if (inner != ANY && values.length != outer * channels * inner) {
      throw new IllegalArgumentException(
          name + ": expected " + outer * channels * inner + " elements, got " + values.length);
    }
  }

  void checkParameters(String name, float[] values) {
    if (values.length != channels) {
      throw new IllegalArgumentException(
          name + ": expected " + channels + " (one for each channel), got " + values.length);
    }
  }
}
