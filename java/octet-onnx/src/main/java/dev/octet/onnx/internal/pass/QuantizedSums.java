package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.DequantizeLinear;
import dev.octet.onnx.internal.op.Quantized;
import dev.octet.onnx.internal.op.Requantized;
import dev.octet.onnx.internal.op.Weights;
import dev.octet.onnx.value.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A product or a convolution of floats that are integers of 8 bits with their scales, and what is around it:
 * what makes its operands, a bias of floats or of integers, and what becomes of its result. A result that is
 * not quantized stays floats.
 *
 * @param input of the left side or the images
 * @param weights of the right side or the convolution
 * @param scaled DequantizeLinear of the weights
 */
record QuantizedSums(Dequantized input, Weights weights, Node scaled) {
  /** Sums with a bias must not wrap around, as floats do not. */
  private static final double LARGEST_SUM = Integer.MAX_VALUE;
  /** What an integer less its zero point, times another such one, is at most. */
  private static final double LARGEST_PRODUCT = 255.0 * 255.0;

  /**
   * What a node multiplies.
   *
   * @param floats the weights
   * @param axis of out channels, of the weights
   * @return null where its operands are something else
   */
  static QuantizedSums of(Node node, Value floats, int axis) {
    Dequantized input = Dequantized.of(node.input(0));
    Node scaled = Match.maker(floats, "DequantizeLinear");
    if (input == null || scaled == null) {
      return null;
    }
    Known data = scaled.input(0).known();
    Known scale = scaled.input(1).known();
    Known zeroPoint = scaled.input(2) == null ? null : scaled.input(2).known();
    Weights weights = new Weights(data, axis, scale, zeroPoint);
    if (!scale.isConstant() || !weights.isOffered() || !isOffered(scale)) {
      return null;
    }
    boolean perChannel = scale.elements() != 1;
    boolean along = scaled.op() instanceof DequantizeLinear op
        && (op.axis() == axis || op.axis() + data.rank() == axis);
    return !perChannel || along ? new QuantizedSums(input, weights, scaled) : null;
  }

  private static boolean isOffered(Known scales) {
    for (float scale : Elements.floats(scales)) {
      if (!new Quantized(ElementType.I8, scale, 0).isOffered()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Puts one node of integers in the place of all.
   *
   * @param old the product or convolution, and an Add of its bias where there is one
   * @param bias null where there is none
   * @param floats the bias, one for each out channel; null where there is none
   * @param op makes the operator
   * @return whether it was possible
   */
  boolean replace(Graph graph, List<Node> old, Value bias, float[] floats,
      BiFunction<Quantized, Requantized, Op> op) {
    Value result = old.getLast().output();
    float[] units = units();
    if (!fits(null, units) || (floats != null && !Elements.areFinite(floats))) {
      return false;
    }
    Requantizing behind = fits(floats, units) ? Requantizing.of(graph, result) : null;
    int[] sums = behind == null || floats == null ? null : sums(bias, floats, units);
    Requantized requantized = Requantizing.requantized(behind, sums, floats);
    List<Node> nodes = new ArrayList<>(old);
    if (behind != null) {
      nodes.addAll(behind.nodes());
    }
    List<Node> origins = new ArrayList<>(List.of(input.node(), scaled));
    origins.addAll(nodes);
    graph.replace(nodes, nodes.getLast(),
        new Node(old.getFirst().name(), op.apply(input.quantized(), requantized), List.of(input.integers()),
            List.of(nodes.getLast().output()), origins));
    return true;
  }

  /** What a sum of 1 stands for, for each out channel. */
  private float[] units() {
    float[] scales = Elements.floats(weights.scale());
    float[] units = new float[Math.toIntExact(weights.channels())];
    for (int i = 0; i < units.length; i++) {
      units[i] = input.quantized().scale() * scales[scales.length == 1 ? 0 : i];
    }
    return units;
  }

  /** Whether no sum with its bias wraps around. */
  private boolean fits(float[] bias, float[] units) {
    double products = weights.data().elements() / (double) units.length * LARGEST_PRODUCT;
    for (int i = 0; i < units.length; i++) {
      double added = bias == null ? 0 : Math.abs((double) bias[i] / units[i]) + 1;
      if (!(products + added <= LARGEST_SUM)) {
        return false;
      }
    }
    return true;
  }

  /** The bias in units of the sums: that of the file, where it is in these, else rounded. */
  private static int[] sums(Value bias, float[] floats, float[] units) {
    int[] sums = integers(bias, units);
    if (sums == null) {
      sums = new int[units.length];
      for (int i = 0; i < sums.length; i++) {
        sums[i] = (int) Math.rint((double) floats[i] / units[i]);
      }
    }
    return sums;
  }

  /** The integers of which DequantizeLinear makes a bias; null where it is made otherwise. */
  private static int[] integers(Value bias, float[] units) {
    Node scaled = Match.maker(bias, "DequantizeLinear");
    if (scaled == null || scaled.input(0).known().type() != ElementType.I32 || scaled.input(2) != null
        || !scaled.input(0).isConstant()
        || scaled.input(0).known().elements() != units.length) {
      return null;
    }
    Known scale = scaled.input(1).known();
    float[] scales = scale.isConstant() ? Elements.floats(scale) : new float[0];
    if (scales.length != 1 && scales.length != units.length) {
      return null;
    }
    int[] sums = new int[units.length];
    for (int i = 0; i < sums.length; i++) {
      if (scales[scales.length == 1 ? 0 : i] != units[i]) {
        return null;
      }
      sums[i] = (int) Elements.integer(scaled.input(0).known().data(), ElementType.I32, i);
    }
    return sums;
  }
}
