package dev.octet.engine;

import java.util.List;

/**
 * Spec of a concatenation of tensors along one axis.
 *
 * @param inputs types, scales and zero points of the inputs, per tensor
 * @param output type, scale and zero point of the 8-bit output
 */
public record ConcatSpec(List<ActivationSpec> inputs, OutputSpec output) {
  /** Copies the list of inputs. */
  public ConcatSpec {
    inputs = List.copyOf(inputs);
  }
}
