package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.DynamicProduct;
import dev.octet.onnx.internal.op.IntegerProduct;
import java.util.ArrayList;
import java.util.List;

/**
 * DynamicQuantizeLinear and the one {@link IntegerProduct} that reads it become one product of floats. Where
 * several products share the integers, as query, key and value do, they are quantized once and stay.
 */
public final class DynamicProducts implements Pass {
  @Override
  public int apply(Graph graph) {
    int count = 0;
    for (Node node : graph.nodes()) {
      if (node.op().type().equals("DynamicQuantizeLinear") && rewrite(graph, node)) {
        count++;
      }
    }
    return count;
  }

  private static boolean rewrite(Graph graph, Node quantize) {
    if (quantize.outputs().size() != 3 || quantize.outputs().contains(null)) {
      return false;
    }
    Node product = graph.onlyConsumer(quantize.output());
    if (product == null || !(product.op() instanceof IntegerProduct op)) {
      return false;
    }
    for (int i = 0; i < 3; i++) {
      Value output = quantize.outputs().get(i);
      if (product.input(i) != output || graph.onlyConsumer(output) != product) {
        return false;
      }
    }
    List<Node> origins = new ArrayList<>(List.of(quantize));
    origins.addAll(product.origins());
    graph.replace(List.of(quantize, product), product, new Node(product.name(),
        new DynamicProduct(op.weights(), op.bias()), List.of(quantize.input(0)), List.of(product.output()),
        origins));
    return true;
  }
}
