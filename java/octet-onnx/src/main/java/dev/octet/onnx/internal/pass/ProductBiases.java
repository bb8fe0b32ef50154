package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.op.BiasedMatMul;
import java.util.List;

/** MatMul by a constant matrix, and the Add of a constant row that alone reads it, become one product. */
public final class ProductBiases implements Pass {
  @Override
  public int apply(Graph graph) {
    return Pass.each(graph, node -> node.op().type().equals("MatMul") && rewrite(graph, node));
  }

  private static boolean rewrite(Graph graph, Node product) {
    Known matrix = product.input(1).known();
    Node add = Match.only(graph, product.output(), "Add");
    if (add == null || !matrix.isConstant() || matrix.rank() != 2 || matrix.elements() == 0) {
      return false;
    }
    float[] bias = Match.row(Match.other(add, product.output()), matrix.dims()[1]);
    if (bias == null || !Elements.areFinite(bias)) {
      return false;
    }
    List<Node> old = List.of(product, add);
    graph.replace(old, add, new Node(product.name(), new BiasedMatMul(bias),
        List.of(product.input(0), product.input(1)), List.of(add.output()), old));
    return true;
  }
}
