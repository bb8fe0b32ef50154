package dev.octet.engine;

import org.jspecify.annotations.Nullable;

/**
 * Spec of a three-dimensional convolution of NDHWC volumes.
 *
 * @param weights the weights, S8 or U8, scales and zero points per tensor or per output channel; the rows of
 *        all frames of the window follow each other as its height
 * @param groups the number of groups; input and output channels are divided evenly among them
 * @param depth the windows along the depth
 * @param window the windows within a frame
 * @param input the input volumes, per tensor
 * @param bias outChannels integers added to the accumulator, or null
 * @param floatBias outChannels floats added to an F32 output after scaling, or null; only with F32 output
 * @param output the output of the accumulators
 */
public record Conv3dSpec(ConvWeights weights, int groups, DepthWindow depth, Window window,
    ActivationSpec input, int @Nullable [] bias, float @Nullable [] floatBias, OutputSpec output) {
  /**
   * Returns the number of channels of an input volume.
   *
   * @return the number of input channels
   */
  public int inChannels() {
    return weights.inPerGroup() * groups;
  }

  /**
   * Returns a two-dimensional convolution with the same weights, whose window has the rows of all frames.
   *
   * @return the convolution
   */
  public Conv2dSpec rows() {
    Window rows = new Window(weights.height(), window.kernelWidth(), window.strideHeight(),
        window.strideWidth(), window.dilationHeight(), window.dilationWidth(), window.padTop(),
        window.padLeft(), window.padBottom(), window.padRight());
    return new Conv2dSpec(weights, groups, rows, input, false, bias, floatBias, output, false);
  }
}
