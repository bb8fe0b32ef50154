package dev.octet.engine;

import java.util.List;

/**
 * Tensors side by side along one axis.
 *
 * @param inputs their types and parameters, per tensor
 * @param output type and parameters of the result, 8 bits
 */
public record ConcatSpec(List<ActivationSpec> inputs, OutputSpec output) {
  /** With a copy of the list. */
  public ConcatSpec {
    inputs = List.copyOf(inputs);
  }
}
