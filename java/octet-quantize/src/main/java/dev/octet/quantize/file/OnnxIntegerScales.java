package dev.octet.quantize.file;

import dev.octet.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The scales of MatMulInteger and ConvInteger, which are told the zero points only: products behind them
 * bring in the scales of both sides. That of the activations is computed by DynamicQuantizeLinear, or is the
 * one that their QuantizeLinear has; the weight's is a constant, one or as many as there are output features.
 * Where that leaves several, the name that quantizers give says which: {@code X_scale} beside
 * {@code X_quantized} or {@code X}.
 */
final class OnnxIntegerScales {
  private static final int MAX_STEPS = 8;
  /** Ops whose output has the scale of their input. */
  private static final Set<String> KEEP_SCALE = Set.of("Identity", "Reshape", "Flatten", "Transpose",
      "Squeeze", "Unsqueeze", "MaxPool", "Slice", "Pad");

  private final OnnxEdges edges;

  OnnxIntegerScales(OnnxEdges edges) {
    this.edges = edges;
  }

  /** The factors behind a product of integers. */
  private static final class Factors {
    final List<String> constants = new ArrayList<>();
    boolean computed;
  }

  /**
   * Finds the scales of a node's weight.
   *
   * @param node MatMulInteger or ConvInteger
   * @param axis of its output features in the weight; below 0 from the end
   * @return the tensor of the scales; empty where the graph does not say
   */
  String of(OnnxNode node, int axis) {
    OnnxValues.Source weight = edges.source(node.input(1));
    if (weight == null) {
      return "";
    }
    Factors factors = factors(node);
    String activation = activation(node.input(0));
    Shape shape = edges.values.tensors.get(weight.tensor()).shape();
    int rank = weight.rank(shape.rank());
    int place = axis < 0 ? axis + rank : axis;
    int stored = place >= 0 && place < rank ? weight.stored(place, shape.rank()) : WeightAxes.NONE;
    long outputs = stored == WeightAxes.NONE ? 1 : shape.dim(stored);
    List<String> fitting = factors.constants.stream()
        .filter(scale -> !scale.equals(activation)
            && (edges.elements(scale) == 1 || edges.elements(scale) == outputs))
        .distinct().toList();
    if (fitting.size() == 1 || (!fitting.isEmpty() && (factors.computed || !activation.isEmpty()))) {
      return fitting.getFirst();
    }
    List<String> perOutput = fitting.stream().filter(scale -> edges.elements(scale) > 1).toList();
    return perOutput.size() == 1 ? perOutput.getFirst() : named(node.input(1));
  }

  /** All factors of the products that a value goes through, in the order in which it meets them. */
  private Factors factors(OnnxNode node) {
    Factors factors = new Factors();
    String value = node.output();
    for (int step = 0; step < MAX_STEPS; step++) {
      OnnxNode next = edges.consumer(value);
      if (next == null) {
        break;
      }
      if (next.op.equals("Mul")) {
        factor(OnnxEdges.other(next, value), factors, 0);
      } else if (!next.op.equals("Cast") && !next.op.equals("Identity")) {
        break;
      }
      value = next.output();
    }
    return factors;
  }

  private void factor(String value, Factors factors, int depth) {
    String constant = edges.constant(value);
    OnnxNode producer = edges.producer(value);
    if (!constant.isEmpty()) {
      factors.constants.add(constant);
    } else if (producer != null && producer.op.equals("Mul") && depth < MAX_STEPS) {
      factor(producer.input(0), factors, depth + 1);
      factor(producer.input(1), factors, depth + 1);
    } else {
      factors.computed = true;
    }
  }

  /** The constant that integers of activations are scaled by; empty where it is computed or not known. */
  private String activation(String integers) {
    String value = integers;
    Set<String> seen = new HashSet<>();
    while (seen.add(value)) {
      OnnxNode producer = edges.producer(value);
      if (producer == null) {
        return "";
      }
      if (producer.op.equals("QuantizeLinear")) {
        return edges.constant(producer.input(1));
      }
      if (!KEEP_SCALE.contains(producer.op)) {
        return "";
      }
      value = producer.input(0);
    }
    return "";
  }

  private String named(String weight) {
    for (String suffix : List.of("_quantized", "")) {
      if (weight.endsWith(suffix)) {
        String scale = weight.substring(0, weight.length() - suffix.length()) + "_scale";
        if (edges.values.tensors.containsKey(scale)) {
          return scale;
        }
      }
    }
    return "";
  }
}
