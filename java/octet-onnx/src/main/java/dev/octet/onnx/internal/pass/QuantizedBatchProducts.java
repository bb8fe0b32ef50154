package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.QuantizedBatchProduct;
import dev.octet.onnx.internal.op.Requantized;
import java.util.ArrayList;
import java.util.List;

/**
 * MatMul of two tensors of the run that DequantizeLinear makes of integers, as attention has it, and Relu,
 * Clip and QuantizeLinear behind it where they are, become one product of integers.
 */
public final class QuantizedBatchProducts implements Pass {
  @Override
  public int apply(Graph graph) {
    int count = Pass.each(graph, node -> node.op().type().equals("MatMul") && rewrite(graph, node));
    graph.sweep();
    return count;
  }

  private static boolean rewrite(Graph graph, Node node) {
    Dequantized left = operand(node.input(0));
    Dequantized right = operand(node.input(1));
    if (left == null || right == null) {
      return false;
    }
    Requantizing behind = Requantizing.of(graph, node.output());
    Requantized requantized = Requantizing.requantized(behind, null, null);
    List<Node> nodes = new ArrayList<>(List.of(node));
    if (behind != null) {
      nodes.addAll(behind.nodes());
    }
    List<Node> origins = new ArrayList<>(List.of(left.node(), right.node()));
    origins.addAll(nodes);
    graph.replace(nodes, nodes.getLast(),
        new Node(node.name(),
            QuantizedBatchProduct.of(left.quantized(), left.integers().known().rank(), right.quantized(),
                right.integers().known().rank(), requantized),
            List.of(left.integers(), right.integers()), List.of(nodes.getLast().output()), origins));
    return true;
  }

  /** Integers of the run, at least matrices. */
  private static Dequantized operand(Value floats) {
    Dequantized operand = Dequantized.of(floats);
    return operand != null && !operand.integers().isConstant() && operand.integers().known().hasRank()
        && operand.integers().known().rank() >= 2 ? operand : null;
  }
}
