package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.IntegerProduct;
import dev.octet.onnx.internal.op.Weights;
import java.util.List;

/**
 * MatMulInteger with a constant matrix, and what is around it as {@link ScaledSum} has it, become one
 * product. Nodes whose results others read stay.
 */
public final class IntegerProducts implements Pass {
  @Override
  public int apply(Graph graph) {
    return Pass.each(graph, node -> node.op().type().equals("MatMulInteger") && rewrite(graph, node));
  }

  private static boolean rewrite(Graph graph, Node product) {
    ScaledSum sum = product.input(2) == null ? null : ScaledSum.of(graph, product, Value::known);
    Value zeroPoint = product.input(3);
    if (sum == null || (zeroPoint != null && !zeroPoint.isConstant())) {
      return false;
    }
    Weights weights = new Weights(product.input(1).known(), Weights.COLUMNS, sum.weightScales(),
        zeroPoint == null ? null : zeroPoint.known());
    if (!weights.isOffered()) {
      return false;
    }
    ScaledSum whole = sum.biased(graph, value -> Match.row(value, weights.channels()));
    graph.replace(whole.nodes(), whole.last(), new Node(product.name(),
        new IntegerProduct(weights, whole.bias()), List.of(product.input(0), whole.scale(), product.input(2)),
        List.of(whole.last().output()), whole.nodes()));
    return true;
  }
}
