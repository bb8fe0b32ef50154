package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.MaskedSoftmax;
import dev.octet.onnx.internal.op.Softmax;
import java.util.ArrayList;
import java.util.List;

/**
 * Div or Mul of scores by a number, Add of a mask, and Softmax along the last axis, as attention has them,
 * become one node of Octet's softmax, which multiplies with the reciprocal of what is divided by; and so does
 * QuantizeLinear behind it. Nodes whose results others read stay.
 */
public final class MaskedSoftmaxes implements Pass {
  @Override
  public int apply(Graph graph) {
    return Pass.each(graph, node -> node.op() instanceof Softmax op && rewrite(graph, node, op));
  }

  private static boolean rewrite(Graph graph, Node softmax, Softmax op) {
    Known data = softmax.input(0).known();
    Node add = Match.maker(softmax.input(0), "Add");
    if (add == null || !data.hasRank() || !op.isOfRows(data.rank())
        || graph.onlyConsumer(add.output()) != softmax) {
      return false;
    }
    for (int i = 0; i < 2; i++) {
      Node scaling = add.input(i).producer();
      if (add.input(0) != add.input(1) && scaling != null && graph.onlyConsumer(add.input(i)) == add
          && rewrite(graph, softmax, add, scaling, add.input(1 - i))) {
        return true;
      }
    }
    return false;
  }

  private static boolean rewrite(Graph graph, Node softmax, Node add, Node scaling, Value mask) {
    Match.Scaled scores = Match.scaled(scaling);
    if (scores == null || !Float.isFinite((float) scores.factor())) {
      return false;
    }
    List<Node> old = new ArrayList<>(List.of(scaling, add, softmax));
    Requantizing behind = Requantizing.of(graph, softmax.output());
    boolean quantizes = behind != null && !behind.isBounded();
    if (quantizes) {
      old.addAll(behind.nodes());
    }
    graph.replace(old, old.getLast(),
        new Node(softmax.name(), new MaskedSoftmax((float) scores.factor(), quantizes ? behind.to() : null),
            List.of(scores.value(), mask), List.of(old.getLast().output()), old));
    return true;
  }
}
