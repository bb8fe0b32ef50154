package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Known;
import java.util.Arrays;
import java.util.List;

/**
 * The same elements with new axes of length 1.
 *
 * @param axes the new ones, counted in the result; null where an input says which
 */
record Unsqueeze(long[] axes) implements Viewing {
  static Unsqueeze read(Attributes attributes) {
    return new Unsqueeze(attributes.opset() >= 13 ? null : attributes.integers("axes"));
  }

  @Override
  public String type() {
    return "Unsqueeze";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, axes == null ? 2 : 1, axes == null ? 2 : 1);
    Known data = inputs.get(0);
    long[] added = axes == null ? Inputs.integers(inputs, 1) : axes;
    if (!data.hasRank() || added == null) {
      return List.of(Known.of(data.type()));
    }
    int rank = data.rank() + added.length;
    int[] places = Dims.axes("axes", added, rank);
    long[] result = new long[rank];
    int from = 0;
    for (int axis = 0; axis < rank; axis++) {
      result[axis] = Arrays.binarySearch(places, axis) >= 0 ? 1 : data.dims()[from++];
    }
    return List.of(data.withDims(result));
  }
}
