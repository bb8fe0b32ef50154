package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.Gemm;
import dev.octet.onnx.internal.op.QuantizedProduct;
import dev.octet.onnx.internal.op.Transpose;
import dev.octet.onnx.internal.op.Weights;
import java.util.List;

/**
 * MatMul or Gemm of what DequantizeLinear makes of integers and of a constant matrix, a constant bias, and
 * Relu, Clip and QuantizeLinear behind it where they are, become one product of integers.
 */
public final class QuantizedProducts implements Pass {
  @Override
  public int apply(Graph graph) {
    int count = Pass.each(graph, node -> node.op() instanceof Gemm gemm
        ? rewrite(graph, node, gemm)
        : node.op().type().equals("MatMul") && rewrite(graph, node));
    graph.sweep();
    return count;
  }

  private static boolean rewrite(Graph graph, Node node, Gemm gemm) {
    Value bias = node.input(2);
    if (gemm.alpha() != 1 || gemm.turnsA() || (bias != null && gemm.beta() != 1)) {
      return false;
    }
    QuantizedSums sums = QuantizedSums.of(node, node.input(1),
        gemm.turnsB() ? Weights.OUT_CHANNELS : Weights.COLUMNS);
    float[] floats = bias == null || sums == null ? null : row(bias, sums.weights().channels());
    return sums != null && (bias == null || floats != null)
        && replace(graph, sums, List.of(node), bias, floats);
  }

  /** A bias of each column, as a vector or a matrix of one row; null where it is something else. */
  private static float[] row(Value bias, long columns) {
    Known known = bias.known();
    return bias.isConstant() && known.rank() > 0 && known.elements() == columns
        && known.dims()[known.rank() - 1] == columns
            ? Elements.floats(known)
            : null;
  }

  private static boolean rewrite(Graph graph, Node node) {
    Value right = node.input(1);
    Node transpose = Match.maker(right, "Transpose");
    boolean turned = transpose != null && right.known().hasRank() && right.known().rank() == 2
        && transpose.op() instanceof Transpose op && op.isOpposite(2);
    QuantizedSums sums = turned
        ? QuantizedSums.of(node, transpose.input(0), Weights.OUT_CHANNELS)
        : QuantizedSums.of(node, right, Weights.COLUMNS);
    if (sums == null) {
      return false;
    }
    Node add = Match.only(graph, node.output(), "Add");
    Value bias = add == null ? null : Match.other(add, node.output());
    float[] floats = bias == null ? null : Match.row(bias, sums.weights().channels());
    return floats == null
        ? replace(graph, sums, List.of(node), null, null)
        : replace(graph, sums, List.of(node, add), bias, floats);
  }

  private static boolean replace(Graph graph, QuantizedSums sums, List<Node> old, Value bias,
      float[] floats) {
    return sums.replace(graph, old, bias, floats,
        (from, result) -> new QuantizedProduct(sums.weights(), from, result));
  }
}
