package dev.octet.quantize;

import dev.octet.QTensor;
import dev.octet.Quantization;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Builder for the post-training quantization of a model: its weights are rounded, the scales of its inputs
 * come from calibration.
 *
 * {@snippet :
 * QuantizedModel int4 = PostTraining.of(model, QuantizationScheme.int4WeightOnly().exclude("head"))
 *     .calibration(calibration)
 *     .weights(PostTraining.Weights.GPTQ)
 *     .correctBias()
 *     .quantize();
 * }
 */
public final class PostTraining {
  /** Selects how weights are rounded. */
  public enum Weights {
    /** To nearest, the full range. */
    NEAREST,
    /** To nearest, the range with the least error: {@link ClippingSearch}. */
    CLIPPING,
    /** One after the other, each making up for those before: {@link Gptq}. */
    GPTQ
  }

  private final Model model;
  private final QuantizationScheme scheme;
  private Calibration calibration;
  private Weights weights = Weights.NEAREST;
  private boolean correctBias;

  private PostTraining(Model model, QuantizationScheme scheme) {
    this.model = Objects.requireNonNull(model, "model");
    this.scheme = Objects.requireNonNull(scheme, "scheme");
  }

  /**
   * Starts the quantization of a model, with weights rounded to nearest.
   *
   * @param model the model
   * @param scheme which layers are quantized, and how
   * @return a builder
   */
  public static PostTraining of(Model model, QuantizationScheme scheme) {
    return new PostTraining(model, scheme);
  }

  /**
   * Sets the calibration; needed for static scales, bias correction and GPTQ.
   *
   * @param seen a calibration of this model
   * @return this
   */
  public PostTraining calibration(Calibration seen) {
    Objects.requireNonNull(seen, "seen");
    this.calibration = seen;
    return this;
  }

  /**
   * Sets how weights are rounded.
   *
   * @param method to nearest, with clipping, or by GPTQ
   * @return this
   */
  public PostTraining weights(Weights method) {
    this.weights = Objects.requireNonNull(method, "method");
    return this;
  }

  /**
   * Turns on {@link BiasCorrection}.
   *
   * @return this
   */
  public PostTraining correctBias() {
    this.correctBias = true;
    return this;
  }

  /**
   * Quantizes the model.
   *
   * @return the model
   * @throws IllegalArgumentException if a calibration is needed and there is none
   * @throws IllegalStateException if it has seen nothing, or GPTQ lacks its products
   */
  public QuantizedModel quantize() {
    List<QuantizedLinear> quantized = new ArrayList<>();
    for (Linear layer : model.layers()) {
      scheme.layer(layer.name()).ifPresent(what -> quantized.add(quantize(layer, what)));
    }
    return QuantizedModel.of(model, quantized);
  }

  private QuantizedLinear quantize(Linear layer, LayerScheme what) {
    Optional<QTensor> rounded = what.weights().map(weightScheme -> round(layer, weightScheme));
    Linear corrected = rounded.isPresent() && correctBias
        ? layer.with(layer.weights(), BiasCorrection.apply(layer, rounded.get(),
            needed("bias correction").moments(layer.name()).mean()))
        : layer;
    Optional<Quantization> input = what.needsCalibration()
        ? what.activations().map(activations -> needed("a static scale").observer(layer.name())
            .quantization(activations.type(), activations.symmetric()))
        : Optional.empty();
    return new QuantizedLinear(corrected, what, rounded, input);
  }

  private QTensor round(Linear layer, WeightScheme weightScheme) {
    return switch (weights) {
      case NEAREST -> ClippingSearch.fullRange(layer, weightScheme);
      case CLIPPING -> ClippingSearch.quantize(layer, weightScheme);
      case GPTQ -> Gptq.quantize(layer, weightScheme, needed("GPTQ").moments(layer.name()), Gptq.DAMPING);
    };
  }

  private Calibration needed(String purpose) {
    if (calibration == null) {
      throw new IllegalArgumentException("calibration: not given, and " + purpose + " needs one");
    }
    return calibration;
  }
}
