package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The mean along axes, of floats.
 *
 * @param axes those that are summed up; null where an input says which, or all are
 * @param keep whether they stay as axes of length 1
 * @param noneIsNone whether no axes are none, not all
 */
record ReduceMean(long[] axes, boolean keep, boolean noneIsNone) implements Op {
  static ReduceMean read(Attributes attributes) {
    boolean byInput = attributes.opset() >= 18;
    return new ReduceMean(byInput ? null : attributes.integers("axes"),
        attributes.integer("keepdims", 1) != 0,
        byInput && attributes.integer("noop_with_empty_axes", 0) != 0);
  }

  @Override
  public String type() {
    return "ReduceMean";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 2);
    Inputs.type(inputs, 0, Set.of(ElementType.F32));
    Known data = inputs.get(0);
    if (!data.hasRank()) {
      return List.of(Known.of(ElementType.F32));
    }
    int[] summed = summed(inputs);
    if (summed == null) {
      return List.of(Known.shaped(ElementType.F32, keep ? Dims.unknown(data.rank()) : null));
    }
    long[] dims = data.dims().clone();
    for (int axis : summed) {
      dims[axis] = 1;
    }
    return List.of(Known.of(ElementType.F32, keep
        ? dims
        : IntStream.range(0, dims.length).filter(axis -> Arrays.binarySearch(summed, axis) < 0)
            .mapToLong(axis -> dims[axis]).toArray()));
  }

  /** The axes that are summed up; null where they are not known yet. */
  private int[] summed(List<Known> inputs) {
    int rank = inputs.getFirst().rank();
    boolean given = Inputs.optional(inputs, 1) != null;
    long[] wanted = given ? Inputs.integers(inputs, 1) : axes;
    if (given && wanted == null) {
      return null;
    }
    if (wanted == null || wanted.length == 0) {
      return noneIsNone ? new int[0] : IntStream.range(0, rank).toArray();
    }
    return Dims.axes("axes", wanted, rank);
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in);
  }

  private Step plan(List<Known> inputs) {
    Known data = inputs.getFirst();
    int[] summed = summed(inputs);
    if (summed == null) {
      throw new UnsupportedOperationException("axes that depend on the elements of inputs are not offered");
    }
    for (int i = 1; i < summed.length; i++) {
      if (summed[i] != summed[i - 1] + 1) {
        throw new UnsupportedOperationException(
            "a mean along axes that are not next to each other is not offered: " + Arrays.toString(summed));
      }
    }
    int first = summed.length == 0 ? data.rank() : summed[0];
    int behind = first + summed.length;
    long outer = Dims.product(data.dims(), 0, first);
    long length = Dims.product(data.dims(), first, behind);
    long inner = Dims.product(data.dims(), behind, data.rank());
    if (length > Integer.MAX_VALUE - 8 || inner > Integer.MAX_VALUE - 8) {
      throw new UnsupportedOperationException("a mean of more than 2^31 - 9 floats is not offered: " + data);
    }
    return inner == 1
        ? (in, out, scratch) -> rows(in[0], out[0], outer, (int) length, scratch.floats(0, (int) length))
        : (in, out, scratch) -> columns(in[0], out[0], outer, length, scratch.floats(0, (int) inner),
            scratch.floats(1, (int) inner), (int) inner);
  }

  private static void rows(MemorySegment x, MemorySegment y, long outer, int length, float[] row) {
    for (long o = 0; o < outer; o++) {
      MemorySegment.copy(x, Elements.FLOAT, 4 * o * length, row, 0, length);
      y.set(Elements.FLOAT, 4 * o, FloatFunctions.sum(row, length) / length);
    }
  }

  private static void columns(MemorySegment x, MemorySegment y, long outer, long length, float[] row,
      float[] sum, int inner) {
    for (long o = 0; o < outer; o++) {
      Arrays.fill(sum, 0, inner, 0);
      for (long l = 0; l < length; l++) {
        MemorySegment.copy(x, Elements.FLOAT, 4 * (o * length + l) * inner, row, 0, inner);
        FloatFunctions.add(row, sum, inner);
      }
      FloatFunctions.divide(sum, (float) length, row, inner);
      MemorySegment.copy(row, 0, y, Elements.FLOAT, 4 * o * inner, inner);
    }
  }
}
