package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.FloatLink;
import dev.octet.onnx.internal.op.Gelu;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Nodes that compute a function of each float of one value, as those of GELU do: between 8-bit integers they
 * are a table of 256.
 *
 * @param input the value
 * @param nodes in an order in which they can run: the last one makes the result, and what the others make is
 *        read inside alone
 */
public record FloatFunction(Value input, List<Node> nodes) {
  private static final int LONGEST = 64;

  /**
   * Finds the longest function that a node is the end of.
   *
   * @param last the node
   * @param free whether a node may be part of one
   * @param offered whether a value may be its input
   * @return null where there is none
   */
  public static FloatFunction of(Graph graph, Node last, Predicate<Node> free, Predicate<Value> offered) {
    if (!free.test(last) || !isElementwise(last)) {
      return null;
    }
    Set<Node> nodes = Collections.newSetFromMap(new IdentityHashMap<>());
    nodes.add(last);
    // Each before those that it reads.
    List<Node> order = new ArrayList<>(nodes);
    FloatFunction longest = null;
    while (true) {
      Set<Value> inputs = inputs(nodes);
      Value only = inputs.iterator().next();
      if (inputs.size() == 1 && offered.test(only) && only.known().hasRank() && only.known().rank() > 0) {
        longest = new FloatFunction(only, List.copyOf(order.reversed()));
      }
      List<Node> before = inputs.stream().filter(value -> !graph.isOutput(value)).map(Value::producer)
          .filter(node -> node != null && free.test(node) && isElementwise(node)
              && nodes.containsAll(graph.consumers(node.output())))
          .distinct().toList();
      if (before.isEmpty() || nodes.size() + before.size() > LONGEST) {
        return longest;
      }
      nodes.addAll(before);
      order.addAll(before);
    }
  }

  /** What nodes read that none of them makes. */
  private static Set<Value> inputs(Set<Node> nodes) {
    Set<Value> inputs = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Node node : nodes) {
      node.inputs().stream().filter(input -> input != null && !input.isConstant()
          && !nodes.contains(input.producer())).forEach(inputs::add);
    }
    return inputs;
  }

  /** Whether a node computes float by float, of values of the run and of numbers. */
  private static boolean isElementwise(Node node) {
    List<Known> inputs = new ArrayList<>();
    node.inputs().forEach(input -> inputs.add(input == null ? null : input.known()));
    return node.outputs().size() == 1 && (node.op() instanceof Gelu || FloatLink.isLink(node.op(), inputs))
        && node.inputs().stream().filter(Objects::nonNull)
            .allMatch(input -> !input.isConstant() || Match.isNumber(input))
        && node.inputs().stream().anyMatch(input -> input != null && !input.isConstant());
  }
}
