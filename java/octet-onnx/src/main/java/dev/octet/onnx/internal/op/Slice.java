package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Cuts a part out, along some axes in steps. Bounds beyond an axis are those of the axis.
 *
 * @param attributes the bounds of older opsets; null where inputs have them
 */
record Slice(Bounds attributes) implements Op {
  /** The bounds as they are given: of all axes in order where {@code axes} is null. */
  private record Bounds(long[] starts, long[] ends, long[] axes, long[] steps) {}

  static Slice read(Attributes attributes) {
    if (attributes.opset() >= 10) {
      return new Slice(null);
    }
    long[] starts = attributes.integers("starts");
    long[] ends = attributes.integers("ends");
    if (starts == null || ends == null) {
      throw new IllegalArgumentException("attributes starts and ends: expected both");
    }
    return new Slice(new Bounds(starts, ends, attributes.integers("axes"), null));
  }

  @Override
  public String type() {
    return "Slice";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, attributes == null ? 3 : 1, attributes == null ? 5 : 1);
    Known data = inputs.getFirst();
    Bounds bounds = bounds(inputs);
    if (!data.hasRank()) {
      return List.of(Known.of(data.type()));
    }
    if (bounds == null) {
      return List.of(Known.of(data.type(), Dims.unknown(data.rank())));
    }
    long[] dims = data.dims().clone();
    int[] axes = axes(bounds, dims.length);
    for (int i = 0; i < axes.length; i++) {
      int axis = axes[i];
      if (dims[axis] >= 0) {
        long step = step(bounds, i);
        long length = end(bounds, i, dims[axis]) - start(bounds, i, dims[axis]);
        dims[axis] = Math.max(0, Math.ceilDiv(length, step));
      }
    }
    return List.of(Known.of(data.type(), dims));
  }

  /** The bounds; null where they are not known yet. */
  private Bounds bounds(List<Known> inputs) {
    if (attributes != null) {
      return attributes;
    }
    boolean hasAxes = Inputs.optional(inputs, 3) != null;
    boolean hasSteps = Inputs.optional(inputs, 4) != null;
    Bounds bounds = new Bounds(Inputs.integers(inputs, 1), Inputs.integers(inputs, 2),
        hasAxes ? Inputs.integers(inputs, 3) : null, hasSteps ? Inputs.integers(inputs, 4) : null);
    boolean known = bounds.starts != null && bounds.ends != null && hasAxes == (bounds.axes != null)
        && hasSteps == (bounds.steps != null);
    return known ? bounds : null;
  }

  private static int[] axes(Bounds bounds, int rank) {
    int count = bounds.starts.length;
    if (bounds.ends.length != count || (bounds.axes != null && bounds.axes.length != count)
        || (bounds.steps != null && bounds.steps.length != count)) {
      throw new IllegalArgumentException("starts, ends, axes and steps: expected as many of each");
    }
    long[] axes = bounds.axes == null ? LongStream.range(0, count).toArray() : bounds.axes;
    Dims.axes("axes", axes, rank); // none of them twice
    return LongStream.of(axes).mapToInt(axis -> Dims.axis("axes", axis, rank)).toArray();
  }

  private static long step(Bounds bounds, int i) {
    long step = bounds.steps == null ? 1 : bounds.steps[i];
    if (step == 0) {
      throw new IllegalArgumentException("steps: expected numbers other than 0");
    }
    return step;
  }

  private static long start(Bounds bounds, int i, long length) {
    return clamp(bounds.starts[i], length, step(bounds, i) < 0);
  }

  private static long end(Bounds bounds, int i, long length) {
    return clamp(bounds.ends[i], length, step(bounds, i) < 0);
  }

  /** A bound within an axis; backwards, the one before the first element is a bound too. */
  private static long clamp(long bound, long length, boolean backwards) {
    long place = bound < 0 ? bound + length : bound;
    return backwards ? Math.max(-1, Math.min(place, length - 1)) : Math.max(0, Math.min(place, length));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in, out.getFirst());
  }

  private Step plan(List<Known> inputs, Known output) {
    Known data = inputs.getFirst();
    Bounds bounds = bounds(inputs);
    if (bounds == null) {
      throw new UnsupportedOperationException("bounds that depend on the elements of inputs are not offered");
    }
    long[] strides = Strided.dense(data.dims());
    int[] axes = axes(bounds, data.rank());
    long first = 0;
    for (int i = 0; i < axes.length; i++) {
      first += start(bounds, i, data.dims()[axes[i]]) * strides[axes[i]];
      strides[axes[i]] *= step(bounds, i);
    }
    long from = first;
    Strided copy = new Strided(output.dims(), strides, data.type().bytes());
    return (in, out, scratch) -> copy.copy(in[0], from, out[0]);
  }
}
