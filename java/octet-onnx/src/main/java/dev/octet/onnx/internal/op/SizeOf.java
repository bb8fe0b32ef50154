package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The number of elements, which is known before a run. */
record SizeOf() implements Op {
  @Override
  public String type() {
    return "Size";
  }

  @Override
  public List<Known> infer(List<Known> inputs) {
    Inputs.count(inputs, 1, 1);
    Known data = inputs.getFirst();
    return List.of(new Known(ElementType.I64, new long[0],
        data.isShaped() ? MemorySegment.ofArray(new long[]{data.elements()}) : null));
  }

  @Override
  public Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> {
      throw new IllegalStateException("the shapes of a run are known before it");
    };
  }
}
