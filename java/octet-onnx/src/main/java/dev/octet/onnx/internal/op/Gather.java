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
import java.util.List;
import java.util.Set;

/**
 * Looks up parts of its first input by the indices in the second.
 *
 * @param axis of the first input; below 0 from the end
 */
record Gather(long axis) implements Op {
  static Gather read(Attributes attributes) {
    return new Gather(attributes.integer("axis", 0));
  }

  @Override
  public String type() {
    return "Gather";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.type(inputs, 1, Set.of(ElementType.I64, ElementType.I32));
    Known data = inputs.get(0);
    Known indices = inputs.get(1);
    if (!data.hasRank()) {
      return List.of(Known.of(data.type()));
    }
    int along = Dims.axis("axis", axis, data.rank());
    if (!indices.hasRank()) {
      return List.of(Known.of(data.type()));
    }
    long[] dims = new long[data.rank() - 1 + indices.rank()];
    System.arraycopy(data.dims(), 0, dims, 0, along);
    System.arraycopy(indices.dims(), 0, dims, along, indices.rank());
    System.arraycopy(data.dims(), along + 1, dims, along + indices.rank(), data.rank() - along - 1);
    return List.of(Known.of(data.type(), dims));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in.get(0), in.get(1));
  }

  private Step plan(Known data, Known indices) {
    int along = Dims.axis("axis", axis, data.rank());
    long outer = Dims.product(data.dims(), 0, along);
    long length = data.dims()[along];
    long inner = Dims.product(data.dims(), along + 1, data.rank()) * data.type().bytes();
    long count = indices.elements();
    ElementType type = indices.type();
    return (in, out, scratch) -> {
      for (long i = 0; i < count; i++) {
        long index = Elements.integer(in[1], type, i);
        if (index < -length || index >= length) {
          throw new IllegalArgumentException("index " + i + ": expected " + -length + " to " + (length - 1)
              + ", got " + index);
        }
        long from = index < 0 ? index + length : index;
        for (long o = 0; o < outer; o++) {
          MemorySegment.copy(in[0], (o * length + from) * inner, out[0], (o * count + i) * inner, inner);
        }
      }
    };
  }
}
