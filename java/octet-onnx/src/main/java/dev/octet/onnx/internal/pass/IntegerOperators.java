package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.op.IntegerOp;
import java.util.ArrayList;
import java.util.List;

/**
 * Operators of integers whose scales and zero points are constant inputs become the nodes that the other
 * passes make, so that these find what is around them.
 */
public final class IntegerOperators implements Pass {
  @Override
  public int apply(Graph graph) {
    return Pass.each(graph, node -> node.op() instanceof IntegerOp op && rewrite(graph, node, op));
  }

  private static boolean rewrite(Graph graph, Node node, IntegerOp op) {
    IntegerOp.Settled settled = settled(op, node);
    if (settled == null) {
      return false;
    }
    graph.replace(List.of(node), node, new Node(node.name(), settled.op(), settled.of(node.inputs()),
        node.outputs(), List.of(node)));
    return true;
  }

  /** Null where it is not offered, which is said when the node is prepared. */
  private static IntegerOp.Settled settled(IntegerOp op, Node node) {
    List<Known> inputs = new ArrayList<>();
    node.inputs().forEach(input -> inputs.add(input == null ? null : input.known()));
    try {
      return op.settle(inputs);
    } catch (UnsupportedOperationException e) {
      return null;
    }
  }
}
