package dev.octet.quantize.file;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Where in a model weights and biases are used, so that those of two models can be told to be the same: by
 * the names of the values that their products become, which quantizers keep.
 */
final class OnnxPlaces {
  private static final int MAX_STEPS = 16;

  private final OnnxEdges edges;
  private final UnaryOperator<String> name;
  private final Map<String, String> weights = new LinkedHashMap<>();
  private final Map<String, String> biases = new LinkedHashMap<>();
  /** Values that two weights, or two biases, are in. */
  private final Set<String> shared = new HashSet<>();
  private final Map<String, List<String>> biasScales = new HashMap<>();

  /**
   * Follows the products of a model.
   *
   * @param edges of its graph
   * @param name the name that a constant of it has in the file
   */
  OnnxPlaces(OnnxEdges edges, UnaryOperator<String> name) {
    this.edges = edges;
    this.name = name;
    edges.values.nodes.forEach(this::visit);
    weights.keySet().removeAll(shared);
    biases.keySet().removeAll(shared);
  }

  private void visit(OnnxNode node) {
    switch (node.op) {
      case "Conv", "Gemm", "ConvTranspose" -> put(biases, node.output(), node.input(2));
      case "QLinearConv" -> bias(node, 8);
      case "QGemm" -> bias(node, 6);
      case "DequantizeLinear" -> {
        String integers = edges.constant(node.input(0));
        String scale = edges.constant(node.input(1));
        if (!integers.isEmpty() && !scale.isEmpty()) {
          biasScales.put(name.apply(integers), List.of(name.apply(scale)));
        }
      }
      default -> {
        // has no bias of its own
      }
    }
    List<OnnxUse> uses = OnnxUse.of(node);
    for (OnnxUse use : uses) {
      String weight = edges.constant(node.input(use.input()));
      if (!weight.isEmpty()) {
        follow(node, weight);
      }
    }
  }

  private void bias(OnnxNode node, int input) {
    String bias = edges.constant(node.input(input));
    String one = edges.constant(node.input(1));
    String two = edges.constant(node.input(4));
    if (!bias.isEmpty() && !one.isEmpty() && !two.isEmpty()) {
      biasScales.put(name.apply(bias), List.of(name.apply(one), name.apply(two)));
    }
    put(biases, node.output(), node.input(input));
    OnnxNode next = edges.consumer(node.output());
    if (next != null && next.op.equals("DequantizeLinear")) {
      put(biases, next.output(), node.input(input));
    }
  }

  /** From a product through what scales it, adds a bias, or makes integers and floats of it. */
  private void follow(OnnxNode node, String weight) {
    put(weights, node.output(), weight);
    String value = node.output();
    for (int step = 0; step < MAX_STEPS; step++) {
      OnnxNode next = edges.consumer(value);
      if (next == null) {
        return;
      }
      String other = OnnxEdges.other(next, value);
      switch (next.op) {
        case "Cast", "Identity", "Mul", "QuantizeLinear", "DequantizeLinear" -> {
          // the same product
        }
        case "Add" -> {
          if (edges.constant(other).isEmpty()) {
            return;
          }
          put(biases, next.output(), other);
        }
        default -> {
          return;
        }
      }
      value = next.output();
      put(weights, value, weight);
    }
  }

  private void put(Map<String, String> places, String value, String what) {
    String constant = edges.constant(what);
    if (!value.isEmpty() && !constant.isEmpty()) {
      String now = name.apply(constant);
      String before = places.putIfAbsent(value, now);
      if (before != null && !before.equals(now)) {
        shared.add(value);
      }
    }
  }

  /** From values to the weight that they are a product of. */
  Map<String, String> weights() {
    return weights;
  }

  /** From values to the bias that is in them. */
  Map<String, String> biases() {
    return biases;
  }

  /** The tensors whose product is the scale of a bias of integers; null where it is not known. */
  List<String> biasScales(String bias) {
    return biasScales.get(bias);
  }
}
