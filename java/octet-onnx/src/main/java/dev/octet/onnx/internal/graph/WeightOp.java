package dev.octet.onnx.internal.graph;

import dev.octet.Octet;
import dev.octet.onnx.internal.packs.Packs;
import java.util.List;

/** An operator whose weights may lie in a file, packed. */
public interface WeightOp extends Op {
  @Override
  Kernel kernel(Packs packs, List<Known> inputs);

  @Override
  default Kernel kernel(Octet octet, List<Known> inputs) {
    return kernel(Packs.inMemory(octet), inputs);
  }
}
