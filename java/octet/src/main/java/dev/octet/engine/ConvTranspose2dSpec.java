package dev.octet.engine;

import org.jspecify.annotations.Nullable;

/**
 * Spec of a two-dimensional transposed convolution of NHWC images.
 *
 * @param weights the weights, S8 or U8, scales and zero points per tensor or per output channel of a group
 * @param groups the number of groups; input channels are divided evenly among them
 * @param window stride, dilation, padding, output padding
 * @param input the input images, per tensor
 * @param bias outChannels integers added to the accumulator, or null
 * @param floatBias outChannels floats added to an F32 output after scaling, or null; only with F32 output
 * @param output the output of the accumulators
 */
public record ConvTranspose2dSpec(TransposedWeights weights, int groups, TransposedWindow window,
    ActivationSpec input, int @Nullable [] bias, float @Nullable [] floatBias, OutputSpec output) {
  /**
   * Returns the number of channels of an output image.
   *
   * @return the number of output channels of all groups
   */
  public int outChannels() {
    return weights.outPerGroup() * groups;
  }

  /**
   * Returns the number of input channels of a group.
   *
   * @return the number
   */
  public int inPerGroup() {
    return weights.inChannels() / groups;
  }
}
