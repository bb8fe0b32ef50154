package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * The dimensions of its input: a constant, once the shapes of a run are known.
 *
 * @param start the first axis, below 0 from the end
 * @param end the axis behind the last
 */
record ShapeOf(long start, long end) implements Op {
  static ShapeOf read(Attributes attributes) {
    boolean parts = attributes.opset() >= 15;
    return new ShapeOf(parts ? attributes.integer("start", 0) : 0,
        parts ? attributes.integer("end", Long.MAX_VALUE) : Long.MAX_VALUE);
  }

  @Override
  public String type() {
    return "Shape";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Known data = inputs.getFirst();
    if (!data.hasRank()) {
      return List.of(Known.of(ElementType.I64, Known.UNKNOWN));
    }
    int from = place(start, data.rank());
    int to = Math.max(from, place(end, data.rank()));
    long[] dims = Arrays.copyOfRange(data.dims(), from, to);
    boolean known = Arrays.stream(dims).allMatch(dim -> dim >= 0);
    return List.of(new Known(ElementType.I64, new long[]{dims.length},
        known ? MemorySegment.ofArray(dims) : null));
  }

  private static int place(long axis, int rank) {
    return Math.clamp(axis < 0 ? axis + rank : axis, 0, rank);
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> {
      throw new IllegalStateException("the shapes of a run are known before it");
    };
  }
}
