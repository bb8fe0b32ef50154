package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.Quantized;
import java.util.ArrayList;
import java.util.List;

/** Nodes between DequantizeLinear, of each of their operands, and QuantizeLinear. */
final class BetweenIntegers {
  /** Makes operators of integers. */
  @FunctionalInterface
  interface Maker {
    /**
     * Makes one that takes the integers of the operands.
     *
     * @param node of floats
     * @param from of each operand
     * @param behind what reads the result
     * @return null where there is none
     */
    Op make(Node node, List<Quantized> from, Requantizing behind);
  }

  private BetweenIntegers() {}

  /**
   * Puts nodes of integers in the place of nodes of floats.
   *
   * @param operands how many inputs are such, at most; the others are not read again
   * @return how many
   */
  static int replace(Graph graph, int operands, Maker maker) {
    int count = Pass.each(graph, node -> node.outputs().size() == 1
        && replace(graph, node, Math.min(operands, node.inputs().size()), maker));
    graph.sweep();
    return count;
  }

  private static boolean replace(Graph graph, Node node, int operands, Maker maker) {
    Requantizing behind = Requantizing.of(graph, node.output());
    if (behind == null || operands == 0) {
      return false;
    }
    List<Quantized> from = new ArrayList<>();
    List<Value> integers = new ArrayList<>();
    List<Node> origins = new ArrayList<>();
    for (int i = 0; i < operands; i++) {
      Dequantized input = Dequantized.of(node.input(i));
      if (input == null) {
        return false;
      }
      from.add(input.quantized());
      integers.add(input.integers());
      origins.add(input.node());
    }
    Op op = maker.make(node, from, behind);
    if (op == null) {
      return false;
    }
    List<Node> old = new ArrayList<>(List.of(node));
    old.addAll(behind.nodes());
    origins.addAll(old);
    graph.replace(old, old.getLast(),
        new Node(node.name(), op, integers, List.of(behind.output()), origins));
    return true;
  }
}
