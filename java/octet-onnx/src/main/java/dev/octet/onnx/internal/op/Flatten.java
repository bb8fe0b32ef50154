package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Known;
import java.util.List;

/**
 * The same elements as a matrix.
 *
 * @param axis the first one that is of the columns; below 0 from the end
 */
record Flatten(long axis) implements Viewing {
  static Flatten read(Attributes attributes) {
    return new Flatten(attributes.integer("axis", 1));
  }

  @Override
  public String type() {
    return "Flatten";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Known data = inputs.getFirst();
    if (!data.hasRank()) {
      return List.of(Known.of(data.type(), Dims.unknown(2)));
    }
    int first = axis == data.rank() ? data.rank() : Dims.axis("axis", axis, Math.max(1, data.rank()));
    return List.of(data.withDims(length(data, 0, first), length(data, first, data.rank())));
  }

  private static long length(Known data, int from, int to) {
    for (int axis = from; axis < to; axis++) {
      if (data.dims()[axis] < 0) {
        return Known.UNKNOWN;
      }
    }
    return Dims.product(data.dims(), from, to);
  }
}
