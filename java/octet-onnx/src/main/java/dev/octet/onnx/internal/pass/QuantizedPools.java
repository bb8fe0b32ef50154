package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.op.ChannelsFirst;
import dev.octet.onnx.internal.op.Quantized;
import dev.octet.onnx.internal.op.QuantizedPool;
import java.util.List;

/**
 * AveragePool or GlobalAveragePool between DequantizeLinear and QuantizeLinear of one type become one node.
 */
public final class QuantizedPools implements Pass {
  @Override
  public int apply(Graph graph) {
    return BetweenIntegers.replace(graph, 1, QuantizedPools::make);
  }

  private static Op make(Node node, List<Quantized> from, Requantizing behind) {
    QuantizedPool pool = behind.isBounded()
        ? null
        : QuantizedPool.of(node.op(), node.input(0).known(), from.getFirst(), behind.to());
    return pool == null ? null : new ChannelsFirst(pool);
  }
}
