package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.BatchNormalization;
import dev.octet.onnx.internal.op.Conv;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Conv with constant weights, and the BatchNormalization of constants that alone reads it, become one
 * convolution: weights are multiplied with the factors of their out channels, and the bias takes the rest.
 * Factors that could make weights of them that are no normal numbers stay where they are.
 */
public final class BatchNormalizations implements Pass {
  private static final float LEAST = 0x1p-60f;
  private static final float MOST = 0x1p60f;

  @Override
  public int apply(Graph graph) {
    return Pass.each(graph,
        node -> node.op() instanceof BatchNormalization norm && rewrite(graph, node, norm));
  }

  private static boolean rewrite(Graph graph, Node node, BatchNormalization norm) {
    Node conv = node.input(0).producer();
    if (conv == null || !(conv.op() instanceof Conv) || graph.onlyConsumer(conv.output()) != node
        || !areConstants(conv, 1) || !areConstants(node, 1)) {
      return false;
    }
    Known weights = conv.input(1).known();
    int channels = Math.toIntExact(weights.dims()[0]);
    float[] scale = Elements.floats(node.input(1).known());
    float[] shift = Elements.floats(node.input(2).known());
    float[] mean = Elements.floats(node.input(3).known());
    float[] variance = Elements.floats(node.input(4).known());
    float[] bias = conv.input(2) == null ? new float[channels] : Elements.floats(conv.input(2).known());
    float[] folded = Elements.floats(weights);
    int window = folded.length / channels;
    for (int channel = 0; channel < channels; channel++) {
      float factor = norm.factor(scale[channel], variance[channel]);
      bias[channel] = (bias[channel] - mean[channel]) * factor + shift[channel];
      if (!Float.isFinite(bias[channel]) || !(Math.abs(factor) >= LEAST && Math.abs(factor) <= MOST)) {
        return false;
      }
      for (int i = channel * window; i < (channel + 1) * window; i++) {
        folded[i] *= factor;
      }
    }
    graph.replace(List.of(conv, node), node, new Node(conv.name(), conv.op(),
        List.of(conv.input(0), constant(conv.input(1), weights.dims(), folded),
            constant(node.input(2), new long[]{channels}, bias)),
        List.of(node.output()), List.of(conv, node)));
    return true;
  }

  private static boolean areConstants(Node node, int from) {
    return node.inputs().stream().skip(from)
        .allMatch(input -> input == null || input.isConstant());
  }

  private static Value constant(Value like, long[] dims, float[] values) {
    return new Value(like.name(), new Known(ElementType.F32, dims, MemorySegment.ofArray(values)));
  }
}
