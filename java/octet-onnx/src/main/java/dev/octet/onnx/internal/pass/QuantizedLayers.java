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
 * @param chosen whether a layer may become one
 */
public record QuantizedLayers(Predicate<FloatLayer> chosen) implements Pass {
  @Override
  public int apply(Graph graph) {
    return Pass.each(graph, node -> rewrite(graph, node));
  }

  private boolean rewrite(Graph graph, Node node) {
    FloatLayer layer = FloatLayer.of(graph, node);
    if (layer == null || !chosen.test(layer)) {
      return false;
    }
    Op op = node.op() instanceof Conv conv
        ? new DynamicImageConv(conv, layer.scales(), layer.bias())
        : new DynamicRowProduct(layer.isTurned(), layer.scales(), layer.bias());
    graph.replace(layer.nodes(), layer.nodes().getLast(), new Node(node.name(), op,
        List.of(layer.input(), node.input(1)), List.of(layer.output()), layer.nodes()));
    return true;
  }
}
