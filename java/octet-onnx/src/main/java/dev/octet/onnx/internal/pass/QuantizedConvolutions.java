package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.ChannelsFirst;
import dev.octet.onnx.internal.op.Conv;
import dev.octet.onnx.internal.op.FixedWindow;
import dev.octet.onnx.internal.op.QuantizedConv;
import dev.octet.onnx.internal.op.Weights;
import java.util.List;

/**
 * Conv of what DequantizeLinear makes of images and of constant weights, with a constant bias, and Relu, Clip
 * and QuantizeLinear behind it where they are, become one convolution of integers.
 */
public final class QuantizedConvolutions implements Pass {
  @Override
  public int apply(Graph graph) {
    int count = Pass.each(graph, node -> node.op() instanceof Conv conv && rewrite(graph, node, conv));
    graph.sweep();
    return count;
  }

  private static boolean rewrite(Graph graph, Node node, Conv conv) {
    QuantizedSums sums = FixedWindow.isFixed(conv.window(), node.input(0).known())
        ? QuantizedSums.of(node, node.input(1), Weights.OUT_CHANNELS)
        : null;
    if (sums == null || sums.weights().data().rank() < 3) {
      return false;
    }
    Value bias = node.input(2);
    float[] floats = bias == null ? null : Match.row(bias, sums.weights().channels());
    if (bias != null && floats == null) {
      return false;
    }
    return sums.replace(graph, List.of(node), bias, floats, (from, result) -> new ChannelsFirst(
        new QuantizedConv(sums.weights(), conv.window(), conv.groups(), from, result)));
  }
}
