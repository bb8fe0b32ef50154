package dev.octet.quantize;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import java.util.Objects;
import java.util.Optional;

/**
 * Holds a quantized layer. Immutable as far as its arrays are left alone.
 *
 * @param layer the layer in FP32, with the bias that goes with the quantized weights
 * @param scheme what it got
 * @param weights the quantized weights, {@code [out, in]}; empty: they stayed FP32
 * @param input scale and zero point of the input, where they are static
 */
public record QuantizedLinear(Linear layer, LayerScheme scheme, Optional<QTensor> weights,
    Optional<Quantization> input) {
  /**
   * Checks that all that the scheme asks for is there.
   *
   * @throws IllegalArgumentException if something that the scheme asks for is missing, or does not fit it
   */
  public QuantizedLinear {
    Objects.requireNonNull(layer, "layer");
    Objects.requireNonNull(scheme, "scheme");
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(input, "input");
    if (weights.isPresent() != scheme.weights().isPresent()
        || (weights.isPresent() && (!weights.get().shape().equals(ClippingSearch.shape(layer))
            || weights.get().type() != scheme.weights().get().type()))) {
      throw new IllegalArgumentException(
          layer.name() + ".weights: expected " + scheme + " of " + layer + ", got "
              + weights.map(QTensor::toString).orElse("none"));
    }
    if (input.isPresent() != scheme.needsCalibration()) {
      throw new IllegalArgumentException(
          layer.name() + ".input: expected " + (scheme.needsCalibration() ? "a scale" : "no scale") + ", "
              + "got " + input.map(Quantization::toString).orElse("none"));
    }
  }

  /**
   * Returns the name of the layer.
   *
   * @return the name
   */
  public String name() {
    return layer.name();
  }

  /**
   * Returns the size of weights, their scales and zero points, and bias.
   *
   * @return bytes; a scale counts 4, a zero point 1
   */
  public long bytes() {
    long bias = layer.bias() == null ? 0 : DataType.F32.bytes(layer.bias().length);
    if (weights.isEmpty()) {
      return floatBytes(layer);
    }
    Quantization parameters = weights.get().quantization();
    long perParameter = parameters.isSymmetric() ? 4 : 5;
    return weights.get().data().byteSize() + perParameter * parameters.count() + bias;
  }

  /** The memory of weights and bias in FP32. */
  static long floatBytes(Linear layer) {
    return DataType.F32.bytes(layer.weights().length + (layer.bias() == null ? 0L : layer.bias().length));
  }
}
