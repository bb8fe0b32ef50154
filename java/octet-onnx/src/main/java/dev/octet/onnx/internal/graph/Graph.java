package dev.octet.onnx.internal.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** A graph that passes change: nodes in an order in which they can run. Not safe for use by threads. */
public final class Graph {
  private final List<Value> inputs;
  private final List<Value> outputs;
  private List<Node> nodes;
  /** Of each value the nodes that read it, once for each time; made again after a change. */
  private IdentityHashMap<Value, List<Node>> consumers;

  /**
   * Makes a graph.
   *
   * @param inputs its inputs
   * @param outputs its outputs
   * @param nodes each after those that make its inputs
   */
  public Graph(List<Value> inputs, List<Value> outputs, List<Node> nodes) {
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.nodes = new ArrayList<>(nodes);
  }

  /** Its inputs. */
  public List<Value> inputs() {
    return inputs;
  }

  /** Its outputs. */
  public List<Value> outputs() {
    return outputs;
  }

  /** Its nodes, in the order in which they run. */
  public List<Node> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  /** The nodes that read a value, once for each time. */
  public List<Node> consumers(Value value) {
    if (consumers == null) {
      consumers = new IdentityHashMap<>();
      nodes.forEach(node -> node.inputs().stream().filter(Objects::nonNull)
          .forEach(input -> consumers.computeIfAbsent(input, v -> new ArrayList<>()).add(node)));
    }
    return consumers.getOrDefault(value, List.of());
  }

  /** The one node that reads a value; null where there is none, more, or the value is an output. */
  public Node onlyConsumer(Value value) {
    List<Node> readers = consumers(value);
    return readers.size() == 1 && !isOutput(value) ? readers.getFirst() : null;
  }

  /** Whether a value is an output of the graph. */
  public boolean isOutput(Value value) {
    return outputs.stream().anyMatch(output -> output == value);
  }

  /**
   * Puts a node in the place of others.
   *
   * @param old the nodes that go; what they make and others read, the new one makes
   * @param replacement the node that comes, in the place of the last of them
   */
  public void replace(Collection<Node> old, Node replacement) {
    Set<Node> gone = Collections.newSetFromMap(new IdentityHashMap<>());
    gone.addAll(old);
    List<Node> result = new ArrayList<>(nodes.size());
    int left = gone.size();
    for (Node node : nodes) {
      if (!gone.contains(node)) {
        result.add(node);
      } else if (--left == 0) {
        result.add(replacement);
      }
    }
    nodes = result;
    consumers = null;
  }

  /** Removes nodes whose outputs are constants by now, and those that nothing needs. */
  public void sweep() {
    Set<Value> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    needed.addAll(outputs);
    List<Node> kept = new ArrayList<>();
    for (Node node : nodes.reversed()) {
      boolean needs = node.outputs().stream()
          .anyMatch(output -> output != null && !output.isConstant() && needed.contains(output));
      if (needs) {
        kept.add(node);
        node.inputs().stream().filter(Objects::nonNull).forEach(needed::add);
      }
    }
    nodes = new ArrayList<>(kept.reversed());
    consumers = null;
  }
}
