package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.ColumnQuantize;
import dev.octet.onnx.internal.op.Quantized;
import java.util.List;

/**
 * Mul with a power of 2 for each column, which static quantization puts before products, and QuantizeLinear
 * become one node, with the same integers.
 */
public final class QuantizedColumns implements Pass {
  @Override
  public int apply(Graph graph) {
    return Pass.each(graph, node -> rewrite(graph, node));
  }

  private static boolean rewrite(Graph graph, Node quantize) {
    Quantized to = Requantizing.quantized(quantize);
    Node product = to == null ? null : Match.maker(quantize.input(0), "Mul");
    if (product == null || graph.onlyConsumer(product.output()) != quantize) {
      return false;
    }
    boolean turned = product.input(0).isConstant();
    Value x = product.input(turned ? 1 : 0);
    Known known = x.known();
    if (!known.hasRank() || known.rank() == 0) {
      return false;
    }
    float[] factors = Match.row(product.input(turned ? 0 : 1), known.dims()[known.rank() - 1]);
    if (factors == null || factors.length == 0 || !ColumnQuantize.isOffered(factors, to)) {
      return false;
    }
    List<Node> old = List.of(product, quantize);
    graph.replace(old, quantize, new Node(quantize.name(), new ColumnQuantize(factors, to), List.of(x),
        List.of(quantize.output()), old));
    return true;
  }
}
