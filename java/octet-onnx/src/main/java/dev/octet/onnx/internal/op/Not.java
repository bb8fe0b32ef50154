package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import java.util.List;
import java.util.Set;

/** The opposite of truth values. */
record Not() implements Op {
  @Override
  public String type() {
    return "Not";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Inputs.type(inputs, 0, Set.of(ElementType.BOOL));
    return List.of(Known.shaped(ElementType.BOOL, inputs.getFirst().dims()));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> {
      long elements = in.getFirst().elements();
      return (from, to, scratch) -> {
        for (long i = 0; i < elements; i++) {
          to[0].set(Elements.BYTE, i, (byte) (from[0].get(Elements.BYTE, i) == 0 ? 1 : 0));
        }
      };
    };
  }
}
