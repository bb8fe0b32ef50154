package dev.octet.onnx.internal.graph;

/** A value of a graph: an input, a constant, or an output of one node. */
public final class Value {
  private final String name;
  private Known known;
  private Node producer;

  /** A value that nothing makes yet. */
  public Value(String name, Known known) {
    this.name = name;
    this.known = known;
  }

  /** The name that the model has for it. */
  public String name() {
    return name;
  }

  /** What is known of it, whatever the model is run with. */
  public Known known() {
    return known;
  }

  /** Takes what was found out. */
  public void learn(Known found) {
    known = found;
  }

  /** The node that makes it; null of inputs and constants. */
  public Node producer() {
    return producer;
  }

  void madeBy(Node node) {
    producer = node;
  }

  /** Whether its elements are known. */
  public boolean isConstant() {
    return known != null && known.isConstant();
  }

  /** Name and what is known. */
  @Override
  public String toString() {
    return name + " " + known;
  }
}
