package dev.octet.onnx.internal.op;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Op;
import java.util.List;

/** An operator that changes the shape and moves no element. */
interface Viewing extends Op {
  @Override
  default boolean isView() {
    return true;
  }

  @Override
  default Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> {
      throw new IllegalStateException("a view is not run");
    };
  }
}
