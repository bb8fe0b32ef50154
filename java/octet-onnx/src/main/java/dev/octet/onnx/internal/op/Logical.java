package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import java.util.List;
import java.util.Set;

/**
 * And and Or of truth values.
 *
 * @param and whether both must be true, not one of them
 */
record Logical(boolean and) implements Op {
  @Override
  public String type() {
    return and ? "And" : "Or";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.type(inputs, 0, Set.of(ElementType.BOOL));
    Inputs.type(inputs, 1, Set.of(ElementType.BOOL));
    return List
        .of(Known.shaped(ElementType.BOOL, Dims.broadcast(inputs.get(0).dims(), inputs.get(1).dims())));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> {
      Rows rows = new Rows(in.get(0), in.get(1), out.getFirst());
      return (from, to, scratch) -> rows.forEach((a, b, y, count) -> {
        for (int i = 0; i < count; i++) {
          boolean x = from[0].get(Elements.BYTE, rows.isOneA() ? a : a + i) != 0;
          boolean z = from[1].get(Elements.BYTE, rows.isOneB() ? b : b + i) != 0;
          to[0].set(Elements.BYTE, y + i, (byte) ((and ? x && z : x || z) ? 1 : 0));
        }
      });
    };
  }
}
