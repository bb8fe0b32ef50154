package dev.octet.quantize.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the graph of an ONNX model says about its weights: who uses them, and with which scales. */
final class OnnxGraph {
  private static final int NODE = 1;
  private static final int INITIALIZER = 5;
  private static final int SPARSE_INITIALIZER = 15;

  /**
   * What is known of a weight.
   *
   * @param scale the tensor of its scales, or null
   * @param zeroPoint the tensor of its zero points, or null
   * @param axis of the scales, where there are several
   * @param blockSize of the scales, 0 where they are per channel
   * @param outputAxis the axis of the output features
   */
  record Weight(String scale, String zeroPoint, int axis, int blockSize, int outputAxis) {}

  /** A node, as far as weights are concerned. */
  private static final class Node {
    final List<String> inputs = new ArrayList<>();
    final List<String> outputs = new ArrayList<>();
    final Map<String, Long> integers = new HashMap<>();
    String op = "";
    ProtoMessage value;

    String input(int index) {
      return index < inputs.size() ? inputs.get(index) : "";
    }

    int integer(String key, int otherwise) {
      long value = integers.getOrDefault(key, (long) otherwise);
      if (value != (int) value) {
        throw new MalformedFileException("node " + op + ": expected an int for " + key + ", got " + value);
      }
      return (int) value;
    }
  }

  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final Map<String, Weight> weights = new HashMap<>();
  /** Where an exporter's name was replaced by one after the bias. */
  private final Map<String, String> renamed = new HashMap<>();
  private final Set<String> given = new HashSet<>();
  /** From the value that a node makes out of a weight alone, such as a transposed one, to the weight. */
  private final Map<String, String> aliases = new HashMap<>();
  /** Those of them that are transposed. */
  private final Set<String> turned = new HashSet<>();

  OnnxGraph(ProtoMessage graph, ExternalData files) {
    List<Node> nodes = new ArrayList<>();
    while (graph.next()) {
      switch (graph.field()) {
        case NODE -> nodes.add(node(graph.message()));
        case INITIALIZER -> add(OnnxTensor.read(graph.message(), null, files));
        case SPARSE_INITIALIZER -> throw new MalformedFileException("ONNX: sparse initializers are not read");
        default -> {
          // inputs, outputs, documentation
        }
      }
    }
    for (Node node : nodes) {
      if (node.op.equals("Constant") && node.value != null && node.outputs.size() == 1) {
        add(OnnxTensor.read(node.value, node.outputs.getFirst(), files));
      }
    }
    nodes.forEach(this::use);
    nameAfterBiases(nodes);
  }

  Map<String, StoredTensor> tensors() {
    if (renamed.isEmpty()) {
      return tensors;
    }
    Map<String, StoredTensor> result = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> {
      String now = name(name);
      result.put(now, new StoredTensor(now, tensor.type(), tensor.shape(), tensor.data()));
    });
    return result;
  }

  Map<String, Weight> weights() {
    Map<String, Weight> result = new HashMap<>();
    weights.forEach((name, w) -> result.put(name(name),
        new Weight(name(w.scale), name(w.zeroPoint), w.axis, w.blockSize, w.outputAxis)));
    return result;
  }

  private String name(String name) {
    return renamed.getOrDefault(name, name);
  }

  private void add(StoredTensor tensor) {
    if (tensor != null && tensors.put(tensor.name(), tensor) != null) {
      throw new MalformedFileException("tensor " + tensor.name() + ": is there twice");
    }
  }

  private static Node node(ProtoMessage message) {
    Node node = new Node();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> node.inputs.add(message.text());
        case 2 -> node.outputs.add(message.text());
        case 4 -> node.op = message.text();
        case 5 -> attribute(message.message(), node);
        default -> {
          // name, domain, documentation
        }
      }
    }
    return node;
  }

  private static void attribute(ProtoMessage message, Node node) {
    String name = "";
    Long integer = null;
    ProtoMessage tensor = null;
    while (message.next()) {
      switch (message.field()) {
        case 1 -> name = message.text();
        case 3 -> integer = message.number();
        case 5 -> tensor = message.message();
        default -> {
          // other kinds of values
        }
      }
    }
    if (integer != null) {
      node.integers.put(name, integer);
    }
    if (tensor != null && name.equals("value")) {
      node.value = tensor;
    }
  }

  /** Notes which axis of its weight a node sums over, and the scales that it comes with. */
  private void use(Node node) {
    switch (node.op) {
      case "DequantizeLinear" -> {
        int axis = node.integer("axis", 1);
        put(node.input(0), node.input(1), node.input(2), axis, node.integer("block_size", 0), 0);
        alias(node);
      }
      case "Transpose", "Identity", "Cast" -> alias(node);
      case "MatMul" -> outputs(node.input(1), 1);
      case "Gemm" -> outputs(node.input(1), node.integer("transB", 0) == 0 ? 1 : 0);
      case "QLinearMatMul" -> put(node.input(3), node.input(4), node.input(5), 1, 0, 1);
      case "QLinearConv" -> put(node.input(3), node.input(4), node.input(5), 0, 0, 0);
      case "QGemm" -> {
        int axis = node.integer("transB", 0) == 0 ? 1 : 0;
        put(node.input(3), node.input(4), node.input(5), axis, 0, axis);
      }
      case "DynamicQuantizeMatMul" -> put(node.input(1), node.input(2), node.input(3), 1, 0, 1);
      case "MatMulIntegerToFloat" -> put(node.input(1), node.input(3), node.input(5), 1, 0, 1);
      case "MatMulInteger" -> integer(node, 1);
      case "ConvInteger" -> integer(node, 0);
      default -> {
        // no operator with weights that are looked for here
      }
    }
  }

  /**
   * The Integer operators are told the zero point and not the scale, which a Mul brings in later; quantizers
   * name both after the weight.
   */
  private void integer(Node node, int axis) {
    String weight = node.input(1);
    String zeroPoint = node.input(3);
    for (String suffix : List.of("_quantized", "")) {
      if (weight.endsWith(suffix)) {
        String scale = weight.substring(0, weight.length() - suffix.length()) + "_scale";
        if (tensors.containsKey(scale)) {
          put(weight, scale, zeroPoint, axis, 0, axis);
          return;
        }
      }
    }
    outputs(weight, axis);
  }

  private void put(String weight, String scale, String zeroPoint, int axis, int blockSize, int outputAxis) {
    StoredTensor tensor = tensors.get(weight);
    if (tensor == null) {
      return;
    }
    int rank = tensor.shape().rank();
    int place = axis < 0 ? axis + rank : axis;
    if ((rank > 0 && (place < 0 || place >= rank)) || blockSize < 0) {
      if (tensors.containsKey(scale) && tensors.get(scale).shape().elements() == 1) {
        place = 0; // of no meaning with a single scale
      } else {
        throw new MalformedFileException(
            "tensor " + weight + ": axis " + axis + " and block size " + blockSize
                + " do not fit " + tensor.shape());
      }
    }
    // Scales that the graph computes are not known here.
    boolean known = tensors.containsKey(scale) && (zeroPoint.isEmpty() || tensors.containsKey(zeroPoint));
    weights.put(weight, known
        ? new Weight(scale, zeroPoint.isEmpty() ? null : zeroPoint, place, blockSize, outputAxis)
        : new Weight(null, null, 0, 0, outputAxis));
  }

  private void outputs(String name, int axis) {
    String weight = aliases.getOrDefault(name, name);
    StoredTensor tensor = tensors.get(weight);
    if (tensor != null && tensor.shape().rank() == 2) {
      Weight known = weights.get(weight);
      // A weight that is transposed on its way is stored the other way round.
      int stored = turned.contains(name) ? 1 - axis : axis;
      weights.put(weight, known == null
          ? new Weight(null, null, 0, 0, stored)
          : new Weight(known.scale, known.zeroPoint, known.axis, known.blockSize, stored));
    }
  }

  private void alias(Node node) {
    String from = aliases.getOrDefault(node.input(0), node.input(0));
    if (tensors.containsKey(from) && node.outputs.size() == 1) {
      aliases.put(node.outputs.getFirst(), from);
      if (node.op.equals("Transpose") != turned.contains(node.input(0))) {
        turned.add(node.outputs.getFirst());
      }
    }
  }

  private void nameAfterBiases(List<Node> nodes) {
    Map<String, String> products = new HashMap<>();
    for (Node node : nodes) {
      String weight = aliases.getOrDefault(node.input(1), node.input(1));
      if (node.op.equals("MatMul") && tensors.containsKey(weight)) {
        node.outputs.forEach(output -> products.put(output, weight));
      }
    }
    for (Node node : nodes) {
      if (node.op.equals("Add")) {
        nameAfterBias(node.input(0), products.get(node.input(1)));
        nameAfterBias(node.input(1), products.get(node.input(0)));
      }
    }
  }

  private void nameAfterBias(String bias, String weight) {
    if (weight == null || !bias.endsWith(".bias") || !tensors.containsKey(bias)) {
      return;
    }
    String name = bias.substring(0, bias.length() - "bias".length()) + "weight";
    if (!tensors.containsKey(name) && !renamed.containsKey(weight) && given.add(name)) {
      renamed.put(weight, name);
    }
  }
}
