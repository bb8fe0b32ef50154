package dev.octet.quantize;

import java.util.Objects;

/**
 * Moves outliers of activations into weights by SmoothQuant (Xiao et al., 2023): activations with a few
 * features far larger than the others lose precision, weights seldom have such features. Feature j of the
 * input is divided by {@code s = max|X_j|^alpha / max|W_j|^(1 -
 * alpha)}, and the weights are multiplied. The division is folded into what makes the input: a layer before,
 * or gain and bias of a normalization. The function stays the same to rounding.
 */
public final class SmoothQuant {
  private SmoothQuant() {}

  /**
   * Computes the factor that each feature of an input is divided by; 1 where the feature is always 0 or has
   * no weights.
   *
   * @param inputAbsmax the largest absolute value of each feature, {@link InputMoments#absmax()}
   * @param alpha how much of the difficulty goes to the weights, 0 to 1; 0.5 is usual
   * @param layers all that take this input
   * @return a new array
   * @throws IllegalArgumentException if alpha is out of range or a layer has another number of inputs
   */
  public static float[] factors(float[] inputAbsmax, float alpha, Linear... layers) {
    Objects.requireNonNull(inputAbsmax, "inputAbsmax");
    Objects.requireNonNull(layers, "layers");
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new IllegalArgumentException("alpha: expected 0 to 1, got " + alpha);
    }
    float[] weightAbsmax = new float[inputAbsmax.length];
    for (Linear layer : layers) {
      if (layer.in() != inputAbsmax.length) {
        throw new IllegalArgumentException(
            "layers: expected " + inputAbsmax.length + " inputs, got " + layer);
      }
      float[] absmax = CrossLayerEqualization.inputAbsmax(layer);
      for (int i = 0; i < absmax.length; i++) {
        weightAbsmax[i] = Math.max(weightAbsmax[i], absmax[i]);
      }
    }
    float[] factors = new float[inputAbsmax.length];
    for (int i = 0; i < factors.length; i++) {
      float s = (float) (Math.pow(inputAbsmax[i], alpha) / Math.pow(weightAbsmax[i], 1 - alpha));
      factors[i] = inputAbsmax[i] > 0 && weightAbsmax[i] > 0 && CrossLayerEqualization.isUsable(s) ? s : 1;
    }
    return factors;
  }

  /**
   * Smooths the input of layers and folds the division into the layer before.
   *
   * @param model the model
   * @param calibration what was seen of it
   * @param alpha how much of the difficulty goes to the weights, 0 to 1
   * @param previous the name of the layer whose outputs, through a ReLU or directly, are that input, and
   *        nothing else's
   * @param layers the names of all layers that take it
   * @return the model with all of them changed; a calibration of the old one does not fit it
   * @throws IllegalArgumentException if there is no such layer, or they do not fit each other
   * @throws IllegalStateException if the calibration has seen nothing
   */
  public static Model apply(Model model, Calibration calibration, float alpha, String previous,
      String... layers) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(calibration, "calibration");
    Objects.requireNonNull(previous, "previous");
    Objects.requireNonNull(layers, "layers");
    if (layers.length == 0) {
      throw new IllegalArgumentException("layers: expected at least one");
    }
    Linear[] followers = new Linear[layers.length];
    for (int i = 0; i < layers.length; i++) {
      followers[i] = model.layer(layers[i]);
    }
    float[] factors = factors(calibration.moments(layers[0]).absmax(), alpha, followers);
    for (int i = 0; i < followers.length; i++) {
      followers[i] = followers[i].scaleInputs(factors);
    }
    return model.with(followers)
        .with(model.layer(previous).scaleOutputs(CrossLayerEqualization.inverse(factors)));
  }

  /**
   * Folds the division into gain or bias of a normalization.
   *
   * @param parameters one for each feature
   * @param factors what features are divided by
   * @return a new array
   * @throws IllegalArgumentException if there are more or fewer factors
   */
  public static float[] divide(float[] parameters, float[] factors) {
    Objects.requireNonNull(parameters, "parameters");
    Objects.requireNonNull(factors, "factors");
    if (parameters.length != factors.length) {
      throw new IllegalArgumentException(
          "factors: expected " + parameters.length + ", got " + factors.length);
    }
    float[] divided = new float[parameters.length];
    for (int i = 0; i < divided.length; i++) {
      divided[i] = parameters[i] / factors[i];
    }
    return divided;
  }
}
