package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Dims;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.op.Concat;
import dev.octet.onnx.internal.op.Quantized;
import dev.octet.onnx.internal.op.QuantizedConcat;
import java.util.List;

/** Concat of tensors that DequantizeLinear makes, and QuantizeLinear, become one node. */
public final class QuantizedConcatenations implements Pass {
  @Override
  public int apply(Graph graph) {
    return BetweenIntegers.replace(graph, Integer.MAX_VALUE, QuantizedConcatenations::make);
  }

  private static Op make(Node node, List<Quantized> from, Requantizing behind) {
    Known first = node.input(0).known();
    return node.op() instanceof Concat concat && first.hasRank() && !behind.isBounded()
        ? new QuantizedConcat(Dims.axis("axis", concat.axis(), first.rank()), from, behind.to())
        : null;
  }
}
