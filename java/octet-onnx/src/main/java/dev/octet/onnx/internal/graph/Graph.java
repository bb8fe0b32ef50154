package dev.octet.onnx.internal.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A graph that passes change: nodes in an order in which they can run. A change costs what its nodes have of
 * inputs, however large the graph is. Not safe for use by threads.
 */
public final class Graph {
  private final List<Value> inputs;
  private final List<Value> outputs;
  private final Set<Value> outputSet = Collections.newSetFromMap(new IdentityHashMap<>());
  private List<Node> nodes;
  /** Nodes that are gone, until the list is made anew: with what comes in their place. */
  private final IdentityHashMap<Node, List<Node>> gone = new IdentityHashMap<>();
  /** Of each value the nodes that read it, with how often. */
  private IdentityHashMap<Value, IdentityHashMap<Node, Integer>> consumers;

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
    this.outputSet.addAll(outputs);
    this.nodes = List.copyOf(nodes);
  }

  /** Its inputs. */
  public List<Value> inputs() {
    return inputs;
  }

  /** Its outputs. */
  public List<Value> outputs() {
    return outputs;
  }

  /** Its nodes, in the order in which they run: a list that later changes do not change. */
  public List<Node> nodes() {
    if (!gone.isEmpty()) {
      List<Node> left = new ArrayList<>(nodes.size());
      nodes.forEach(node -> add(node, left));
      nodes = Collections.unmodifiableList(left);
      gone.clear();
    }
    return nodes;
  }

  /** Adds a node, or what has come in its place. */
  private void add(Node node, List<Node> to) {
    List<Node> now = gone.get(node);
    if (now == null) {
      to.add(node);
    } else {
      now.forEach(replacement -> add(replacement, to));
    }
  }

  /** The nodes that read a value, each once. */
  public Set<Node> consumers(Value value) {
    if (consumers == null) {
      consumers = new IdentityHashMap<>();
      nodes().forEach(this::connect);
    }
    IdentityHashMap<Node, Integer> readers = consumers.get(value);
    return readers == null ? Set.of() : Collections.unmodifiableSet(readers.keySet());
  }

  private void connect(Node node) {
    for (Value input : node.inputs()) {
      if (input != null) {
        consumers.computeIfAbsent(input, v -> new IdentityHashMap<>(2)).merge(node, 1, Integer::sum);
      }
    }
  }

  /** The one node that reads a value, once; null where there is none, more, or the value is an output. */
  public Node onlyConsumer(Value value) {
    Set<Node> readers = consumers(value);
    if (readers.size() != 1 || isOutput(value)) {
      return null;
    }
    Node reader = readers.iterator().next();
    return consumers.get(value).get(reader) == 1 ? reader : null;
  }

  /** Whether a value is an output of the graph. */
  public boolean isOutput(Value value) {
    return outputSet.contains(value);
  }

  /**
   * Puts nodes in the place of others.
   *
   * @param old the nodes that go; what they make and others read, the new ones make
   * @param last that one of them in whose place the new ones come: none of the nodes that read the others,
   *        and stay, is before it
   * @param replacements the nodes that come, in the order in which they run
   */
  public void replace(Collection<Node> old, Node last, Node... replacements) {
    for (Node node : old) {
      gone.put(node, node == last ? List.of(replacements) : List.of());
      if (consumers != null) {
        node.inputs().stream().filter(Objects::nonNull).filter(consumers::containsKey)
            .forEach(input -> consumers.get(input).remove(node));
      }
    }
    if (consumers != null) {
      List.of(replacements).forEach(this::connect);
    }
  }

  /** Removes nodes whose outputs are constants by now, and those that nothing needs. */
  public void sweep() {
    Set<Value> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    needed.addAll(outputs);
    List<Node> kept = new ArrayList<>();
    for (Node node : nodes().reversed()) {
      boolean needs = node.outputs().stream()
          .anyMatch(output -> output != null && !output.isConstant() && needed.contains(output));
      if (needs) {
        kept.add(node);
        node.inputs().stream().filter(Objects::nonNull).forEach(needed::add);
      }
    }
    nodes = List.copyOf(kept.reversed());
    consumers = null;
  }
}
