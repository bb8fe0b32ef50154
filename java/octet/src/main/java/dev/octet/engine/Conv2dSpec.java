package dev.octet.engine;

import org.jspecify.annotations.Nullable;

/**
 * Spec of a two-dimensional convolution of NHWC images.
 *
 * @param weights the weights, S8 or U8, scales and zero points per tensor or per output channel
 * @param groups the number of groups; input and output channels are divided evenly among them
 * @param window stride, dilation, padding
 * @param input the input images, per tensor, or at run
 * @param perImage whether a scale and zero point of each image are passed to a run, rather than one of all;
 *        only with an input at run
 * @param bias outChannels integers added to the accumulator, or null
 * @param floatBias outChannels floats added to an F32 output after scaling, or null; only with F32 output
 * @param output the output of the accumulators
 * @param inexactEpilogue whether the engine may use a faster epilogue that differs from the law by 1 in rare
 *        ties
 */
public record Conv2dSpec(ConvWeights weights, int groups, Window window, ActivationSpec input,
    boolean perImage, int @Nullable [] bias,
    float @Nullable [] floatBias, OutputSpec output, boolean inexactEpilogue) {
  /**
   * Returns the number of scales, and of zero points, that a run over some images takes.
   *
   * @param batch the number of images
   * @return batch, or 1
   */
  public int scaleCount(int batch) {
    return perImage ? batch : 1;
  }

  /**
   * Returns the number of channels of an input image.
   *
   * @return the number of input channels
   */
  public int inChannels() {
    return weights.inPerGroup() * groups;
  }
}
