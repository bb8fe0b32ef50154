package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import java.util.function.Predicate;

/** A rewrite of a graph. */
@FunctionalInterface
public interface Pass {
  /**
   * Rewrites a graph wherever that is possible.
   *
   * @param graph whose values are known as far as they can be
   * @return how many nodes it put in the place of others
   */
  int apply(Graph graph);

  /**
   * Offers the nodes of a graph to a rewrite, one after the other.
   *
   * @param rewrite puts a node in the place of the one that it is given, and maybe others; false where it
   *        changes nothing
   * @return how many it took
   */
  static int each(Graph graph, Predicate<Node> rewrite) {
    int count = 0;
    for (Node node : graph.nodes()) {
      if (rewrite.test(node)) {
        count++;
      }
    }
    return count;
  }
}
