package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Known;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The same elements without axes of length 1.
 *
 * @param axes those that go; null where an input says which, or all go
 */
record Squeeze(long[] axes) implements Viewing {
  static Squeeze read(Attributes attributes) {
    return new Squeeze(attributes.opset() >= 13 ? null : attributes.integers("axes"));
  }

  @Override
  public String type() {
    return "Squeeze";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 2);
    Known data = inputs.get(0);
    boolean given = Inputs.optional(inputs, 1) != null;
    long[] gone = given ? Inputs.integers(inputs, 1) : axes;
    if (!data.hasRank() || (gone == null && (given || !data.isShaped()))) {
      return List.of(Known.of(data.type()));
    }
    long[] dims = data.dims();
    int[] drop = gone == null
        ? IntStream.range(0, dims.length).filter(axis -> dims[axis] == 1).toArray()
        : Dims.axes("axes", gone, dims.length);
    for (int axis : drop) {
      if (dims[axis] >= 0 && dims[axis] != 1) {
        throw new IllegalArgumentException(
            "axes: expected axis " + axis + " to have length 1, got " + data);
      }
    }
    return List.of(data.withDims(IntStream.range(0, dims.length)
        .filter(axis -> Arrays.binarySearch(drop, axis) < 0).mapToLong(axis -> dims[axis]).toArray()));
  }
}
