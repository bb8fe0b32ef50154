package dev.octet.onnx.internal.plan;

import dev.octet.onnx.internal.graph.Node;
import java.util.function.Supplier;

/** Puts the name of a node before what is wrong in it. */
final class NodeErrors {
  private NodeErrors() {}

  static <T> T at(Node node, Supplier<T> work) {
    try {
      return work.get();
    } catch (UnsupportedOperationException e) {
      throw new UnsupportedOperationException(node + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException(node + ": " + e.getMessage(), e);
    }
  }
}
