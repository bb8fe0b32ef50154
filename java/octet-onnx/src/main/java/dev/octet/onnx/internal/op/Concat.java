package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Step;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Puts its inputs behind each other.
 *
 * @param axis along which; below 0 from the end
 */
public record Concat(long axis) implements Op {
  static Concat read(Attributes attributes) {
    if (!attributes.has("axis")) {
      throw new IllegalArgumentException("attribute axis: expected an integer, it is missing");
    }
    return new Concat(attributes.integer("axis", 0));
  }

  @Override
  public String type() {
    return "Concat";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, inputs.isEmpty() ? 1 : inputs.size(), Integer.MAX_VALUE);
    Known first = inputs.getFirst();
    for (int i = 1; i < inputs.size(); i++) {
      Inputs.sameType(inputs, 0, i);
    }
    if (!inputs.stream().allMatch(Known::hasRank)) {
      return List.of(Known.of(first.type()));
    }
    int along = Dims.axis("axis", axis, first.rank());
    long[] dims = first.dims().clone();
    for (int i = 1; i < inputs.size(); i++) {
      long[] more = inputs.get(i).dims();
      boolean fits = more.length == dims.length;
      for (int a = 0; fits && a < dims.length; a++) {
        if (a != along) {
          fits = dims[a] < 0 || more[a] < 0 || dims[a] == more[a];
          dims[a] = Math.max(dims[a], more[a]);
        }
      }
      if (!fits) {
        throw new IllegalArgumentException(
            "inputs 0 and " + i + " differ on more than axis " + along + ": " + first + ", " + inputs.get(i));
      }
      dims[along] = dims[along] < 0 || more[along] < 0
          ? Known.UNKNOWN
          : Math.addExact(dims[along], more[along]);
    }
    return List.of(Known.of(first.type(), dims));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in, out.getFirst());
  }

  private Step plan(List<Known> inputs, Known output) {
    int along = Dims.axis("axis", axis, output.rank());
    long outer = Dims.product(output.dims(), 0, along);
    long[] blocks = inputs.stream()
        .mapToLong(in -> Dims.product(in.dims(), along, in.rank()) * in.type().bytes()).toArray();
    return (in, out, scratch) -> {
      long to = 0;
      for (long o = 0; o < outer; o++) {
        for (int i = 0; i < blocks.length; i++) {
          MemorySegment.copy(in[i], o * blocks[i], out[0], to, blocks[i]);
          to += blocks[i];
        }
      }
    };
  }
}
