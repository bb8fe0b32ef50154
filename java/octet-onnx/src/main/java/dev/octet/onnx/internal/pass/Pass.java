package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;

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
}
