package dev.octet.onnx.value;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Describes an input or an output of a model.
 *
 * @param name the name
 * @param type the element type
 * @param dimensions the dimensions, outermost first; empty where the model does not say how many there are
 */
public record TensorInfo(String name, ElementType type, Optional<List<Dimension>> dimensions) {
  /** Copies the dimensions. */
  public TensorInfo {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    dimensions = Objects.requireNonNull(dimensions, "dimensions").map(List::copyOf);
  }

  /** Returns name, type and dimensions, such as {@code input_ids I64 [batch_size, 128]}. */
  @Override
  public String toString() {
    return name + " " + type + " " + dimensions.map(List::toString).orElse("of any shape");
  }
}
