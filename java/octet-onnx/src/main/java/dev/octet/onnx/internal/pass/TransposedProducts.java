package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.Transpose;
import dev.octet.onnx.internal.op.TransposedProduct;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A product of two inputs of the run, and the Transposes before and behind it that nobody else reads, become
 * one product of matrices where they lie.
 */
public final class TransposedProducts implements Pass {
  @Override
  public int apply(Graph graph) {
    return Pass.each(graph, node -> node.op() instanceof TransposedProduct op && rewrite(graph, node, op));
  }

  private static boolean rewrite(Graph graph, Node product, TransposedProduct op) {
    int rank = product.output().known().hasRank() ? product.output().known().rank() : 0;
    for (int i = 0; i < 2; i++) {
      Value input = product.input(i);
      if (rank < 3 || input.isConstant() || !input.known().hasRank() || input.known().rank() != rank) {
        return false;
      }
    }
    Node left = transpose(graph, product, 0);
    Node right = transpose(graph, product, 1);
    Node out = Match.only(graph, product.output(), "Transpose");
    // All of them, or those that the product can take.
    for (int without = 0; without < 8; without++) {
      Node l = (without & 1) == 0 ? left : null;
      Node r = (without & 2) == 0 ? right : null;
      Node o = (without & 4) == 0 ? out : null;
      Op whereTheyLie = l == null && r == null && o == null
          ? null
          : op.with(order(l, rank), order(r, rank), order(o, rank));
      if (whereTheyLie != null) {
        replace(graph, product, whereTheyLie, l, r, o);
        return true;
      }
    }
    return false;
  }

  private static Node transpose(Graph graph, Node product, int input) {
    Node maker = Match.maker(product.input(input), "Transpose");
    return maker != null && !maker.input(0).isConstant()
        && graph.onlyConsumer(product.input(input)) == product ? maker : null;
  }

  private static List<Integer> order(Node transpose, int rank) {
    return transpose == null
        ? IntStream.range(0, rank).boxed().toList()
        : IntStream.of(((Transpose) transpose.op()).order(rank)).boxed().toList();
  }

  private static void replace(Graph graph, Node product, Op op, Node left, Node right,
      Node out) {
    List<Node> old = Stream.of(left, right, product, out).filter(Objects::nonNull).toList();
    Node last = old.getLast();
    graph.replace(old, last,
        new Node(product.name(), op,
            List.of(left == null ? product.input(0) : left.input(0),
                right == null ? product.input(1) : right.input(0)),
            List.of(last.output()), old));
  }
}
