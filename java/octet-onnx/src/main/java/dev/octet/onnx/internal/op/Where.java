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
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Elements of the second input where the first is true, else of the third. */
record Where() implements Op {
  @Override
  public String type() {
    return "Where";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 3, 3);
    Inputs.type(inputs, 0, Set.of(ElementType.BOOL));
    Inputs.type(inputs, 1, EnumSet.complementOf(EnumSet.of(ElementType.OTHER)));
    Inputs.sameType(inputs, 1, 2);
    return List.of(Known.shaped(inputs.get(1).type(), Dims.broadcast(inputs.get(0).dims(),
        Dims.broadcast(inputs.get(1).dims(), inputs.get(2).dims()))));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> plan(in, out.getFirst());
  }

  /** First all of the third input, then what the condition chooses of the second. */
  private static Step plan(List<Known> inputs, Known output) {
    int bytes = output.type().bytes();
    Strided otherwise = new Strided(output.dims(), Strided.broadcast(inputs.get(2).dims(), output.dims()),
        bytes);
    Rows rows = new Rows(inputs.get(0), inputs.get(1), output);
    return (in, out, scratch) -> {
      otherwise.copy(in[2], 0, out[0]);
      rows.forEach((a, b, y, count) -> {
        for (int i = 0; i < count; i++) {
          if (in[0].get(Elements.BYTE, rows.isOneA() ? a : a + i) != 0) {
            MemorySegment.copy(in[1], (rows.isOneB() ? b : b + i) * bytes, out[0], (y + i) * bytes, bytes);
          }
        }
      });
    };
  }
}
