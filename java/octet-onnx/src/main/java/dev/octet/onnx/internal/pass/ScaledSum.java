package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.value.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Sums of integers and what quantizers write behind them: Cast to F32, Mul by {@code sx * sw}, and Add of a
 * bias where there is one. The scales must be multiplied with each other first: that is the order of Octet's
 * law, so that no bit changes.
 *
 * @param nodes the nodes
 * @param last of them in the graph's order
 * @param scale of the activations
 * @param weightScales one, or as many as there are out channels
 * @param bias one for each out channel; null where there is none
 */
record ScaledSum(List<Node> nodes, Node last, Value scale, Known weightScales, float[] bias) {
  /**
   * What is around a node whose result is sums.
   *
   * @param channels the numbers of out channels that a constant is, as a vector; null where it is something
   *        else
   * @return null where others read a result between, or it is something else
   */
  static ScaledSum of(Graph graph, Node sums, Function<Value, Known> channels) {
    Node cast = Match.only(graph, sums.output(), "Cast");
    if (cast == null || cast.output().known().type() != ElementType.F32) {
      return null;
    }
    Node scaling = Match.only(graph, cast.output(), "Mul");
    Value product = scaling == null ? null : Match.other(scaling, cast.output());
    Node both = Match.maker(product, "Mul");
    if (both == null) {
      return null;
    }
    for (int i = 0; i < 2; i++) {
      Value weights = both.input(i);
      Value activations = both.input(1 - i);
      Known scale = activations.known();
      Known scales = weights.isConstant() ? channels.apply(weights) : null;
      if (scales != null && !activations.isConstant() && scale.isShaped() && scale.rank() <= 1
          && scale.elements() == 1) {
        List<Node> nodes = new ArrayList<>(List.of(sums, cast, scaling));
        if (graph.onlyConsumer(product) == scaling) {
          nodes.add(both);
        }
        return new ScaledSum(nodes, scaling, activations, scales, null);
      }
    }
    return null;
  }

  /** The same with the bias that is added, where Octet takes it for one. */
  ScaledSum biased(Graph graph, Function<Value, float[]> row) {
    Node add = Match.only(graph, last.output(), "Add");
    Value value = add == null ? null : Match.other(add, last.output());
    float[] numbers = value == null ? null : row.apply(value);
    if (numbers == null || !Elements.areFinite(numbers)) {
      return this;
    }
    List<Node> more = new ArrayList<>(nodes);
    more.add(add);
    return new ScaledSum(more, add, scale, weightScales, numbers);
  }
}
