package dev.octet.quantize.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which nodes make and read the values of a model. */
final class OnnxEdges {
  final OnnxValues values;
  private final Map<String, OnnxNode> producers = new HashMap<>();
  private final Map<String, List<OnnxNode>> consumers = new HashMap<>();

  OnnxEdges(OnnxValues values) {
    this.values = values;
    for (OnnxNode node : values.nodes) {
      node.outputs.forEach(output -> producers.put(output, node));
      node.inputs.forEach(input -> consumers.computeIfAbsent(input, i -> new ArrayList<>()).add(node));
    }
  }

  /** The node that makes a value; null where it is an input or a constant. */
  OnnxNode producer(String value) {
    return producers.get(value);
  }

  /** The one node that reads a value; null where there is none, or more than one. */
  OnnxNode consumer(String value) {
    List<OnnxNode> nodes = consumers.getOrDefault(value, List.of());
    return nodes.size() == 1 ? nodes.getFirst() : null;
  }

  /** The other input of a node of two, of which one is a value. */
  static String other(OnnxNode node, String value) {
    return node.input(0).equals(value) ? node.input(1) : node.input(0);
  }

  /** The constant that a value is; empty where it is computed, or may be one of several. */
  String constant(String value) {
    OnnxValues.Source source = source(value);
    return source == null ? "" : source.tensor();
  }

  /** The same with the steps that lead to it; null where it is computed, or may be one of several. */
  OnnxValues.Source source(String value) {
    List<OnnxValues.Source> sources = value.isEmpty() ? List.of() : values.sources(value);
    return sources.size() == 1 ? sources.getFirst() : null;
  }

  /** The number of elements of a constant. */
  long elements(String constant) {
    return values.tensors.get(constant).shape().elements();
  }
}
