package dev.octet.onnx.internal.graph;

import dev.octet.Octet;
import dev.octet.onnx.internal.packs.Packs;
import java.util.List;

/** An operator whose weights may lie in a file, packed. */
public interface WeightOp extends Op {
  /**
   * Prepares the operator.
   *
   * @param packs has the Octet whose engines may run it, and where packed weights lie
   * @param inputs what is known of them, whatever the model is run with
   * @return what runs it, to be closed
   */
  Kernel kernel(Packs packs, List<Known> inputs);

  @Override
  default Kernel kernel(Octet octet, List<Known> inputs) {
    return kernel(Packs.inMemory(octet), inputs);
  }

  /** Prepares any operator. */
  static Kernel kernel(Op op, Packs packs, List<Known> inputs) {
    return op instanceof WeightOp weights ? weights.kernel(packs, inputs) : op.kernel(packs.octet(), inputs);
  }
}
