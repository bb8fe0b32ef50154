package dev.octet.quantize.file;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A node of an ONNX graph, as far as weights are concerned. */
final class OnnxNode {
  /** Attributes that say which axis of a weight is which. */
  private static final Set<String> OF_AXES = Set.of("axis", "axes", "perm", "transA", "transB", "transBatchA",
      "transBatchB", "block_size", "num_scan_inputs");

  final List<String> inputs = new ArrayList<>();
  final List<String> outputs = new ArrayList<>();
  final Map<String, OnnxAttribute> attributes = new LinkedHashMap<>();
  String name = "";
  String op = "";
  String domain = "";

  OnnxNode(ProtoMessage message) {
    while (message.next()) {
      switch (message.field()) {
        case 1 -> inputs.add(message.text());
        case 2 -> outputs.add(message.text());
        case 3 -> name = message.text();
        case 4 -> op = message.text();
        case 5 -> {
          OnnxAttribute attribute = new OnnxAttribute(message.message());
          attributes.put(attribute.name, attribute);
        }
        case 7 -> domain = message.text();
        default -> {
          // documentation and what later versions add
        }
      }
    }
  }

  /** Whether the axes of its weights depend on what calls the function that it is in. */
  boolean isOpen() {
    return attributes.values().stream()
        .anyMatch(attribute -> !attribute.reference.isEmpty() && OF_AXES.contains(attribute.name));
  }

  /** The name of an input; empty where it is left out. */
  String input(int index) {
    return index < inputs.size() ? inputs.get(index) : "";
  }

  /** The name of the first output; empty where there is none. */
  String output() {
    return outputs.isEmpty() ? "" : outputs.getFirst();
  }

  int integer(String key, int otherwise) {
    OnnxAttribute attribute = attributes.get(key);
    long number = attribute == null || attribute.integer == null ? otherwise : attribute.integer;
    if (number != (int) number) {
      throw new MalformedFileException("node " + op + ": expected an int for " + key + ", got " + number);
    }
    return (int) number;
  }

  /** A list of integers; empty where there is none. */
  int[] list(String key) {
    OnnxAttribute attribute = attributes.get(key);
    return attribute == null ? new int[0] : attribute.ints();
  }
}
