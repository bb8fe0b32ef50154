package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.Gelu;
import java.util.ArrayList;
import java.util.List;

/**
 * Div by the root of 2 or Mul by 1 over it, Erf, Add of 1, Mul with x and Mul by a half, before or after,
 * become one node of Octet's GELU, which rounds in another order. Nodes whose results others read stay.
 */
public final class Gelus implements Pass {
  @Override
  public int apply(Graph graph) {
    return Pass.each(graph, node -> node.op().type().equals("Erf") && rewrite(graph, node));
  }

  private static boolean rewrite(Graph graph, Node erf) {
    Node scaling = erf.input(0).producer();
    Match.Scaled scaled = Match.scaled(scaling);
    Node add = Match.only(graph, erf.output(), "Add");
    if (scaled == null || !isRootOfHalf(scaled.factor()) || graph.onlyConsumer(scaling.output()) != erf
        || add == null || !Match.isNumber(Match.other(add, erf.output()), 1)) {
      return false;
    }
    Value x = scaled.value();
    Node product = Match.only(graph, add.output(), "Mul");
    if (product == null) {
      return false;
    }
    Value factor = Match.other(product, add.output());
    boolean halfFirst = factor != x;
    Node half = halfFirst ? Match.maker(factor, "Mul") : Match.only(graph, product.output(), "Mul");
    Value halved = halfFirst ? x : product.output();
    if (half == null || !Match.isNumber(Match.other(half, halved), 0.5f)
        || (half.input(0) != halved && half.input(1) != halved)
        || (halfFirst && graph.onlyConsumer(half.output()) != product)) {
      return false;
    }
    List<Node> old = new ArrayList<>(List.of(scaling, erf, add, product, half));
    graph.replace(old, halfFirst ? product : half,
        new Node(erf.name(), Gelu.ERF, List.of(x),
            List.of((halfFirst ? product : half).output()), old));
    return true;
  }

  /** Whether a number is the root of a half, but for its rounding. */
  private static boolean isRootOfHalf(double factor) {
    return Math.abs(factor * Math.sqrt(2) - 1) < 3e-7;
  }
}
