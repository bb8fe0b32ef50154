package dev.octet.bench.networks;

import java.util.List;

/**
 * A layer of a network, batch normalization folded into it. Tensor 0 of a network is its image; layer i reads
 * tensors of smaller numbers and makes tensor i + 1.
 *
 * @param name as the network's papers and model files have it
 * @param kind the op
 * @param inputs the tensors that it reads: two for an addition, else one
 * @param outChannels channels of the output
 * @param kernel rows and columns of the window, 1 where there is none
 * @param stride distance between windows
 * @param padding pixels on each side
 * @param groups groups of channels of a convolution, else 1
 * @param activation what follows
 */
record Layer(String name, Kind kind, List<Integer> inputs, int outChannels, int kernel, int stride,
    int padding, int groups, Activation activation) {
  /** What a layer computes. */
  enum Kind {
    /** A convolution with a bias for each output channel. */
    CONVOLUTION,
    /** The sum of two tensors. */
    ADD,
    /** Max pooling. */
    MAX_POOL,
    /** The mean of each channel. */
    GLOBAL_AVERAGE_POOL,
    /** A matrix product with a bias for each output. */
    DENSE;

    /** Whether it has weights. */
    boolean isProduct() {
      return this == CONVOLUTION || this == DENSE;
    }
  }

  /** Bounds of a result. */
  enum Activation {
    /** None. */
    NONE(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY),
    /** At least 0. */
    RELU(0, Float.POSITIVE_INFINITY),
    /** 0 to 6. */
    RELU6(0, 6);

    private final float min;
    private final float max;

    Activation(float min, float max) {
      this.min = min;
      this.max = max;
    }

    float min() {
      return min;
    }

    float max() {
      return max;
    }
  }

  /** Copies the list. */
  Layer {
    inputs = List.copyOf(inputs);
  }

  /** The only input, or the first one. */
  int input() {
    return inputs.getFirst();
  }

  /** Whether each channel is convolved for itself. */
  boolean isDepthwise() {
    return groups > 1;
  }
}
