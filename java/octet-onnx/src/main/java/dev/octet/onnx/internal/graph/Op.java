package dev.octet.onnx.internal.graph;

import dev.octet.Octet;
import dev.octet.onnx.internal.packs.Packs;
import java.util.List;

/** An operator with its attributes: one class a kind of node. Immutable. */
public interface Op {
  /** The name that ONNX has for it, or a pass. */
  String type();

  /**
   * Finds out what is known of the outputs. Called with what is known before a run, and with the shapes of a
   * run.
   *
   * @param inputs what is known of them; null for those that are left out
   * @return as many as the node may have
   * @throws IllegalArgumentException if the inputs do not fit the operator
   * @throws UnsupportedOperationException if they do, and it is not offered
   */
  List<Known> infer(List<Known> inputs);

  /**
   * Prepares the operator.
   *
   * @param octet whose engines may run it
   * @param inputs what is known of them, whatever the model is run with
   * @return what runs it, to be closed
   */
  Kernel kernel(Octet octet, List<Known> inputs);

  /**
   * Prepares the operator; where it has weights, they lie where it is said.
   *
   * @param packs has the Octet whose engines may run it, and where packed weights lie
   * @param inputs what is known of them, whatever the model is run with
   * @return what runs it, to be closed
   */
  default Kernel kernel(Packs packs, List<Known> inputs) {
    return kernel(packs.octet(), inputs);
  }

  /** Whether the first output is the memory of the first input, under another shape. */
  default boolean isView() {
    return false;
  }
}
