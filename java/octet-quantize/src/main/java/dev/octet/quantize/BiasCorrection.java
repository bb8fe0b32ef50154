package dev.octet.quantize;

import dev.octet.QTensor;
import java.util.Objects;

/**
 * Corrects biases for rounded weights (Nagel et al., 2019), which shift the mean of every output by
 * {@code (Wq - W) mean(x)}: the bias takes that back.
 */
public final class BiasCorrection {
  private BiasCorrection() {}

  /**
   * Computes the bias that keeps the means of the outputs.
   *
   * @param layer the layer in FP32
   * @param weights its quantized weights, {@code [out, in]}
   * @param mean the mean of each input feature, {@link InputMoments#mean()}
   * @return a new array, for a layer without a bias too
   * @throws IllegalArgumentException if the weights have another shape or there are more or fewer means
   */
  public static float[] apply(Linear layer, QTensor weights, float[] mean) {
    Objects.requireNonNull(layer, "layer");
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(mean, "mean");
    if (!weights.shape().equals(ClippingSearch.shape(layer))) {
      throw new IllegalArgumentException(
          "weights: expected " + ClippingSearch.shape(layer) + " for " + layer + ", got " + weights.shape());
    }
    if (mean.length != layer.in()) {
      throw new IllegalArgumentException(
          "mean: expected " + layer.in() + " for " + layer + ", got " + mean.length);
    }
    float[] bias = new float[layer.out()];
    for (int o = 0; o < bias.length; o++) {
      double sum = layer.bias() == null ? 0 : layer.bias()[o];
      for (int i = 0; i < mean.length; i++) {
        int index = o * layer.in() + i;
        sum += ((double) layer.weights()[index] - weights.real(index)) * mean[i];
      }
      bias[o] = (float) sum;
    }
    return bias;
  }
}
