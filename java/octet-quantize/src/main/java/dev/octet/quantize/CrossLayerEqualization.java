package dev.octet.quantize;

import java.util.Objects;

/**
 * Equalizes the weights of consecutive layers (Nagel et al., "Data-Free Quantization Through Weight
 * Equalization and Bias Correction", 2019). Between two layers with nothing or a ReLU in between, each hidden
 * feature is divided by {@code s = sqrt(r1 * r2) / r2} in the first and multiplied in the second, r1 and r2
 * being the largest absolute weights of the feature in either. Both then have the same range, and one scale
 * per tensor serves all features. The function stays the same to rounding.
 */
public final class CrossLayerEqualization {
  private CrossLayerEqualization() {}

  /**
   * Equalizes two layers of a model. For a chain, do it pair by pair until nothing changes much.
   *
   * @param model the model
   * @param first the name of the first layer
   * @param second the name of the layer that takes its outputs, through a ReLU or directly, and is the only
   *        one
   * @return the model with both changed
   * @throws IllegalArgumentException if there is no such layer, or they do not fit each other
   */
  public static Model apply(Model model, String first, String second) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(first, "first");
    Objects.requireNonNull(second, "second");
    Linear one = model.layer(first);
    Linear two = model.layer(second);
    float[] factors = factors(one, two);
    return model.with(one.scaleOutputs(inverse(factors)), two.scaleInputs(factors));
  }

  /** By what hidden features are divided; 1 where a feature has no weights on one side. */
  static float[] factors(Linear first, Linear second) {
    if (first.out() != second.in()) {
      throw new IllegalArgumentException(
          "layers: expected as many inputs of the second as outputs of the first, got " + first + " and "
              + second);
    }
    float[] r2 = inputAbsmax(second);
    float[] factors = new float[first.out()];
    for (int h = 0; h < factors.length; h++) {
      float r1 = 0;
      for (int i = 0; i < first.in(); i++) {
        r1 = Math.max(r1, Math.abs(first.weights()[h * first.in() + i]));
      }
      float s = (float) Math.sqrt((double) r1 / r2[h]);
      factors[h] = r1 > 0 && r2[h] > 0 && isUsable(s) ? s : 1;
    }
    return factors;
  }

  /** Whether neither the factor nor its inverse is lost. */
  static boolean isUsable(float factor) {
    return factor >= Float.MIN_NORMAL && Float.isFinite(1 / factor) && Float.isFinite(factor);
  }

  /** The largest absolute weight of each input. */
  static float[] inputAbsmax(Linear layer) {
    float[] absmax = new float[layer.in()];
    float[] weights = layer.weights();
    for (int i = 0; i < weights.length; i++) {
      absmax[i % layer.in()] = Math.max(absmax[i % layer.in()], Math.abs(weights[i]));
    }
    return absmax;
  }

  static float[] inverse(float[] factors) {
    float[] inverse = new float[factors.length];
    for (int i = 0; i < inverse.length; i++) {
      inverse[i] = 1 / factors[i];
    }
    return inverse;
  }
}
