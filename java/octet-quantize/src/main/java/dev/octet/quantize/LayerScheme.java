package dev.octet.quantize;

import dev.octet.DataType;
import dev.octet.Quantization;
import java.util.Objects;
import java.util.Optional;

/**
 * Describes how one layer is quantized: its weights, its input, or both.
 *
 * @param weights what its weights become; empty: they stay FP32
 * @param activations what its input becomes; empty: it stays FP32
 */
public record LayerScheme(Optional<WeightScheme> weights, Optional<ActivationScheme> activations) {
  /**
   * Checks that an op of Octet takes these weights with this input.
   *
   * @throws IllegalArgumentException if neither is quantized, or no op of Octet takes this pair
   */
  public LayerScheme {
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(activations, "activations");
    if (weights.isEmpty() && activations.isEmpty()) {
      throw new IllegalArgumentException(
          "scheme: expected quantized weights, activations or both, got neither");
    }
    if (activations.isPresent()) {
      boolean groups = activations.get()
          .granularity() == ActivationScheme.Granularity.PER_TOKEN_AND_GROUP;
      boolean weightGroups = weights.isPresent()
          && weights.get().granularity() == Quantization.Granularity.PER_GROUP;
      if (groups != weightGroups) {
        throw new IllegalArgumentException(
            "scheme: weights per group go with activations per token and group, got "
                + weights.map(WeightScheme::toString).orElse("FP32 weights") + " with " + activations.get());
      }
      if (weights.isPresent() && !weights.get().symmetric() && activations.get().type() == DataType.S8
          && !weightGroups) {
        throw new IllegalArgumentException(
            "scheme: weights with zero points go with U8 activations, got " + activations.get());
      }
    }
  }

  /**
   * Returns a scheme of quantized weights and an FP32 input.
   *
   * @param weights the weights
   * @return the scheme
   */
  public static LayerScheme weightsOnly(WeightScheme weights) {
    Objects.requireNonNull(weights, "weights");
    return new LayerScheme(Optional.of(weights), Optional.empty());
  }

  /**
   * Returns a scheme of FP32 weights and an input that is rounded to the numbers of a quantized type, to
   * measure what quantization of the input alone costs.
   *
   * @param activations the input
   * @return the scheme
   */
  public static LayerScheme activationsOnly(ActivationScheme activations) {
    Objects.requireNonNull(activations, "activations");
    return new LayerScheme(Optional.empty(), Optional.of(activations));
  }

  /**
   * Returns a scheme of quantized weights and a quantized input.
   *
   * @param weights the weights
   * @param activations the input
   * @return the scheme
   */
  public static LayerScheme of(WeightScheme weights, ActivationScheme activations) {
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(activations, "activations");
    return new LayerScheme(Optional.of(weights), Optional.of(activations));
  }

  /**
   * Returns whether the scale of the input comes from calibration.
   *
   * @return true if so
   */
  public boolean needsCalibration() {
    return activations.isPresent() && activations.get().when() == ActivationScheme.When.STATIC;
  }

  /** Returns the scheme of the weights, then that of the input. */
  @Override
  public String toString() {
    return "weights " + weights.map(WeightScheme::toString).orElse("F32") + "; activations "
        + activations.map(ActivationScheme::toString).orElse("F32");
  }
}
