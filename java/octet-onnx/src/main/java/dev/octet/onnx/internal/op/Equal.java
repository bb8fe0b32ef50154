package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import java.util.EnumSet;
import java.util.List;

/** Compares elements of one type. */
record Equal() implements Op {
  @Override
  public String type() {
    return "Equal";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 2, 2);
    Inputs.type(inputs, 0, EnumSet.complementOf(EnumSet.of(ElementType.OTHER)));
    Inputs.sameType(inputs, 0, 1);
    return List
        .of(Known.shaped(ElementType.BOOL, Dims.broadcast(inputs.get(0).dims(), inputs.get(1).dims())));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> {
      Rows rows = new Rows(in.get(0), in.get(1), out.getFirst());
      ElementType type = in.get(0).type();
      return (from, to, scratch) -> rows.forEach((a, b, y, count) -> {
        for (int i = 0; i < count; i++) {
          long x = rows.isOneA() ? a : a + i;
          long z = rows.isOneB() ? b : b + i;
          boolean same = type == ElementType.F32
              ? Elements.real(from[0], x) == Elements.real(from[1], z)
              : Elements.integer(from[0], type, x) == Elements.integer(from[1], type, z);
          to[0].set(Elements.BYTE, y + i, (byte) (same ? 1 : 0));
        }
      });
    };
  }
}
