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

  /** Copies the elements, where the output needs memory of its own. */
  @Override
  default Kernel kernel(Octet octet, List<Known> inputs) {
    return (in, out) -> (from, to, scratch) -> to[0].copyFrom(from[0].asSlice(0, to[0].byteSize()));
  }
}
