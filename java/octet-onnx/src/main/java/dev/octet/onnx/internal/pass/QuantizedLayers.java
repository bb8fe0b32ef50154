package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.op.Conv;
import dev.octet.onnx.internal.op.DynamicImageConv;
import dev.octet.onnx.internal.op.DynamicRowProduct;
import java.util.List;
import java.util.function.Predicate;

/**
 * Each {@link FloatLayer} becomes one node that quantizes its input and weights to 8 bits.
 *
 * @param chosen whether a node of a name may become one
 */
public record QuantizedLayers(Predicate<String> chosen) implements Pass {
  @Override
  public int apply(Graph graph) {
    int count = 0;
    for (Node node : graph.nodes()) {
      FloatLayer layer = chosen.test(node.name()) ? FloatLayer.of(graph, node) : null;
      if (layer != null) {
        Op op = node.op() instanceof Conv conv
            ? new DynamicImageConv(conv, layer.bias())
            : new DynamicRowProduct(layer.isTurned(), layer.bias());
        graph.replace(layer.nodes(), layer.nodes().getLast(), new Node(node.name(), op,
            List.of(layer.input(), node.input(1)), List.of(layer.output()), layer.origins()));
        count++;
      }
    }
    return count;
  }
}
