package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.ConvInteger;
import dev.octet.onnx.internal.op.IntegerConv;
import dev.octet.onnx.internal.op.Weights;
import java.util.List;

/**
 * ConvInteger with constant weights, and what is around it as {@link ScaledSum} has it, become one
 * convolution. Nodes whose results others read stay.
 */
public final class IntegerConvolutions implements Pass {
  @Override
  public int apply(Graph graph) {
    return Pass.each(graph, node -> node.op() instanceof ConvInteger conv && rewrite(graph, node, conv));
  }

  private static boolean rewrite(Graph graph, Node node, ConvInteger conv) {
    Known data = node.input(1).known();
    Value zeroPoint = node.input(3);
    if (node.input(2) == null || !data.isConstant() || !conv.isOctets(node.input(0).known())
        || (zeroPoint != null && !zeroPoint.isConstant())) {
      return false;
    }
    ScaledSum sum = ScaledSum.of(graph, node, value -> Match.channels(value, data.dims()[0], data.rank()));
    Weights weights = sum == null
        ? null
        : new Weights(data, Weights.OUT_CHANNELS, sum.weightScales(),
            zeroPoint == null ? null : zeroPoint.known());
    if (weights == null || !weights.isOffered()) {
      return false;
    }
    ScaledSum whole = sum.biased(graph, value -> Match.bias(value, data.dims()[0], data.rank()));
    graph.replace(whole.nodes(), whole.last(), new Node(node.name(),
        new IntegerConv(weights, conv, whole.bias()), List.of(node.input(0), whole.scale(), node.input(2)),
        List.of(whole.last().output()), whole.nodes()));
    return true;
  }
}
