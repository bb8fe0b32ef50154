package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.op.Quantized;
import dev.octet.onnx.internal.op.QuantizedSoftmax;
import dev.octet.onnx.internal.op.Softmax;
import java.util.List;

/** Softmax along the last axis between DequantizeLinear and QuantizeLinear becomes one node. */
public final class QuantizedSoftmaxes implements Pass {
  @Override
  public int apply(Graph graph) {
    return BetweenIntegers.replace(graph, 1, QuantizedSoftmaxes::make);
  }

  private static Op make(Node node, List<Quantized> from, Requantizing behind) {
    Known scores = node.input(0).known();
    return node.op() instanceof Softmax softmax && scores.hasRank() && softmax.isOfRows(scores.rank())
        && !behind.isBounded() ? new QuantizedSoftmax(softmax, from.getFirst(), behind.to()) : null;
  }
}
