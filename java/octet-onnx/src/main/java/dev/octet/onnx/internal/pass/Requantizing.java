package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.Clip;
import dev.octet.onnx.internal.op.Quantized;
import dev.octet.onnx.internal.op.Requantized;
import dev.octet.onnx.value.ElementType;
import java.util.ArrayList;
import java.util.List;

/**
 * What is made of floats that nothing else reads: Relu or Clip where there is one, and QuantizeLinear with
 * one constant scale and zero point. Bounds of floats are bounds of the integers, because rounding keeps
 * order.
 *
 * @param nodes the nodes, in order
 * @param to type, scale and zero point of the integers
 * @param least the lower bound
 * @param most the upper bound, above or at the lower one
 */
record Requantizing(List<Node> nodes, Quantized to, float least, float most) {
  /** What reads a value; null where that is something else. */
  static Requantizing of(Graph graph, Value floats) {
    Requantizing direct = quantizing(graph.onlyConsumer(floats));
    if (direct != null) {
      return direct;
    }
    Node bound = graph.onlyConsumer(floats);
    if (bound == null || bound.input(0) != floats) {
      return null;
    }
    Requantizing quantize = quantizing(graph.onlyConsumer(bound.output()));
    if (quantize == null) {
      return null;
    }
    List<Node> nodes = new ArrayList<>(List.of(bound));
    nodes.addAll(quantize.nodes);
    if (bound.op().type().equals("Relu")) {
      return new Requantizing(nodes, quantize.to, 0, Float.POSITIVE_INFINITY);
    }
    return bound.op() instanceof Clip clip ? clipped(clip, bound, nodes, quantize.to) : null;
  }

  private static Requantizing clipped(Clip clip, Node node, List<Node> nodes, Quantized to) {
    float least = clip.byInputs() ? number(node.input(1), Float.NEGATIVE_INFINITY) : clip.min();
    float most = clip.byInputs() ? number(node.input(2), Float.POSITIVE_INFINITY) : clip.max();
    return least <= most ? new Requantizing(nodes, to, least, most) : null;
  }

  /** A bound; NaN where it is no constant. */
  private static float number(Value bound, float otherwise) {
    if (bound == null) {
      return otherwise;
    }
    Known known = bound.known();
    return known.isConstant() && known.type() == ElementType.F32 && known.elements() == 1
        ? Match.number(bound)
        : Float.NaN;
  }

  private static Requantizing quantizing(Node node) {
    Quantized to = quantized(node);
    return to == null
        ? null
        : new Requantizing(List.of(node), to, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
  }

  /** What a QuantizeLinear makes; null where a node is something else, or there is none. */
  static Quantized quantized(Node node) {
    if (node == null || !node.op().type().equals("QuantizeLinear")) {
      return null;
    }
    Value zeroPoint = node.input(2);
    Quantized to = Quantized.of(node.output().known().type(), node.input(1).known(),
        zeroPoint == null ? null : zeroPoint.known());
    return to != null && to.isOffered() ? to : null;
  }

  /**
   * What becomes of sums.
   *
   * @param behind what quantizes them; null: they become floats
   * @param sums a bias in their units, where they are quantized; null where there is none
   * @param floats the bias of floats; null where there is none
   */
  static Requantized requantized(Requantizing behind, int[] sums, float[] floats) {
    return behind == null
        ? Requantized.floats(floats)
        : new Requantized(sums, null, behind.to, behind.least, behind.most);
  }

  /** Whether there is a bound. */
  boolean isBounded() {
    return nodes.size() > 1;
  }

  /** The integers. */
  Value output() {
    return nodes.getLast().output();
  }
}
