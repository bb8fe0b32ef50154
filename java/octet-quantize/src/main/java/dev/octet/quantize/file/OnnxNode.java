package dev.octet.quantize.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A node of an ONNX graph, as far as weights are concerned. */
final class OnnxNode {
  final List<String> inputs = new ArrayList<>();
  final List<String> outputs = new ArrayList<>();
  /** The graphs of its attributes: branches and bodies. */
  final Map<String, ProtoMessage> graphs = new LinkedHashMap<>();
  private final Map<String, Long> integers = new HashMap<>();
  private final Map<String, int[]> lists = new HashMap<>();
  String name = "";
  String op = "";
  String domain = "";
  /** The tensor of a Constant, or null. */
  ProtoMessage value;

  OnnxNode(ProtoMessage message) {
    while (message.next()) {
      switch (message.field()) {
        case 1 -> inputs.add(message.text());
        case 2 -> outputs.add(message.text());
        case 3 -> name = message.text();
        case 4 -> op = message.text();
        case 5 -> attribute(message.message());
        case 7 -> domain = message.text();
        default -> {
          // documentation and what later versions add
        }
      }
    }
  }

  private void attribute(ProtoMessage message) {
    String key = "";
    Long integer = null;
    ProtoMessage tensor = null;
    ProtoMessage graph = null;
    List<Integer> list = new ArrayList<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> key = message.text();
        case 3 -> integer = message.number();
        case 5 -> tensor = message.message();
        case 6 -> graph = message.message();
        case 8 -> integers(message, list);
        default -> {
          // other kinds of values
        }
      }
    }
    if (integer != null) {
      integers.put(key, integer);
    }
    if (tensor != null && key.equals("value")) {
      value = tensor;
    }
    if (graph != null) {
      graphs.put(key, graph);
    }
    if (!list.isEmpty()) {
      lists.put(key, list.stream().mapToInt(Integer::intValue).toArray());
    }
  }

  private static void integers(ProtoMessage message, List<Integer> list) {
    if (message.wireType() != ProtoMessage.BYTES) {
      list.add((int) message.number());
      return;
    }
    ProtoMessage packed = message.message();
    while (!packed.atEnd()) {
      list.add((int) packed.varint());
    }
  }

  /** The name of an input; empty where it is left out. */
  String input(int index) {
    return index < inputs.size() ? inputs.get(index) : "";
  }

  int integer(String key, int otherwise) {
    long number = integers.getOrDefault(key, (long) otherwise);
    if (number != (int) number) {
      throw new MalformedFileException("node " + op + ": expected an int for " + key + ", got " + number);
    }
    return (int) number;
  }

  /** A list of integers; empty where there is none. */
  int[] list(String key) {
    return lists.getOrDefault(key, new int[0]);
  }
}
