package dev.octet.onnx.internal.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/** A node of a graph: an operator with its inputs and outputs. */
public final class Node {
  private final String name;
  private final Op op;
  private final List<Value> inputs;
  private final List<Value> outputs;
  private final List<Node> origins;

  /**
   * Makes a node.
   *
   * @param name its name in messages and reports
   * @param op what it computes
   * @param inputs null for those that are left out
   * @param outputs null for those that are left out
   * @param origins the nodes that it does the work of, in the place of which are those that they did the work
   *        of; none for itself
   */
  public Node(String name, Op op, List<Value> inputs, List<Value> outputs, List<Node> origins) {
    this.name = name;
    this.op = op;
    this.inputs = Collections.unmodifiableList(new ArrayList<>(inputs));
    this.outputs = Collections.unmodifiableList(new ArrayList<>(outputs));
    this.origins = origins.stream().flatMap(origin -> origin.origins().stream()).distinct().toList();
    outputs.stream().filter(Objects::nonNull).forEach(output -> output.madeBy(this));
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** What it computes. */
  public Op op() {
    return op;
  }

  /** Its inputs; null for those that are left out. */
  public List<Value> inputs() {
    return inputs;
  }

  /** An input; null where it is left out. */
  public Value input(int index) {
    return index < inputs.size() ? inputs.get(index) : null;
  }

  /** Its outputs; null for those that are left out. */
  public List<Value> outputs() {
    return outputs;
  }

  /** Its first output. */
  public Value output() {
    return outputs.getFirst();
  }

  /** The nodes of the file that it does the work of, itself where it is one. */
  public List<Node> origins() {
    return origins.isEmpty() ? List.of(this) : origins;
  }

  /** What messages call it. */
  @Override
  public String toString() {
    return "node " + name + " (" + op.type() + ")";
  }
}
