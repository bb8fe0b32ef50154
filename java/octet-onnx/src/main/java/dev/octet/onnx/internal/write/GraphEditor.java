package dev.octet.onnx.internal.write;

import dev.octet.onnx.internal.graph.Node;
import dev.octet.quantize.proto.GraphProto;
import dev.octet.quantize.proto.ModelProto;
import dev.octet.quantize.proto.NodeProto;
import dev.octet.quantize.proto.ProtoWriter;
import dev.octet.quantize.proto.RawField;
import dev.octet.quantize.proto.TensorProto;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The file of a model with some nodes in the place of others. Nodes and constants that nothing reads any more
 * because of that go too; all else is copied byte for byte, but for data beside the file, which come into it.
 * Not safe for use by threads.
 */
final class GraphEditor {
  /** A protobuf message cannot be longer. */
  static final long MOST_BYTES = Integer.MAX_VALUE;

  private static final int IR_VERSION = 1;
  private static final int GRAPH = 7;
  private static final int OPSET = 8;
  private static final int GRAPH_NODE = 1;
  private static final int GRAPH_INITIALIZER = 5;
  private static final int GRAPH_INPUT = 11;
  private static final int GRAPH_OUTPUT = 12;
  private static final int GRAPH_VALUE = 13;
  private static final int ATTRIBUTE_GRAPH = 6;
  private static final int ATTRIBUTE_GRAPHS = 11;
  private static final int EXTERNAL_DATA = 13;
  private static final int DATA_LOCATION = 14;
  /** Before this version of the format each constant is an input too. */
  private static final int CONSTANTS_ALONE = 4;

  private final List<RawField> fields;
  private final GraphProto graph;
  private final List<RawField> graphFields = new ArrayList<>();
  private final List<RawField> nodeFields;
  /** The names that graphs inside of nodes read from around them, and some that they do not. */
  private final Set<String> usedInside = new HashSet<>();
  /** Where nodes are among the fields of the graph. */
  private final Map<String, Integer> makers = new HashMap<>();
  private final Map<String, TensorProto> constants = new HashMap<>();
  private final Set<String> names = new HashSet<>();
  private final Set<Integer> gone = new HashSet<>();
  private final Set<String> goneConstants = new HashSet<>();
  /** By the node in whose place they come. */
  private final Map<Integer, List<NewNode>> nodes = new HashMap<>();
  private final Map<String, NewTensor> tensors = new LinkedHashMap<>();
  private long opset;
  private long format;

  /**
   * Begins with a file as it is.
   *
   * @param file all of it
   * @param model what it holds
   */
  GraphEditor(MemorySegment file, ModelProto model) {
    this.fields = RawField.of(file);
    this.graph = model.graph();
    for (RawField field : fields) {
      if (field.number() == GRAPH) {
        // The last one holds, as for readers.
        graphFields.clear();
        graphFields.addAll(RawField.of(field.content()));
      } else if (field.number() == IR_VERSION) {
        format = field.value();
      }
    }
    nodeFields = graphFields.stream().filter(field -> field.number() == GRAPH_NODE).toList();
    nodeFields.forEach(node -> graphsOf(node.content(), usedInside));
    for (int i = 0; i < graph.nodes().size(); i++) {
      NodeProto node = graph.nodes().get(i);
      names.add(node.name());
      names.addAll(node.inputs());
      for (String output : node.outputs()) {
        names.add(output);
        makers.put(output, i);
      }
    }
    makers.remove("");
    graph.initializers().forEach(tensor -> constants.put(tensor.name(), tensor));
    names.addAll(constants.keySet());
    graph.inputs().forEach(input -> names.add(input.name()));
    graph.nodes().stream().flatMap(node -> node.attributes().values().stream())
        .forEach(attribute -> names.add(attribute.name()));
    names.addAll(usedInside);
  }

  /** A name that neither a node nor a value has. */
  String fresh(String wish) {
    String name = wish;
    for (int i = 1; !names.add(name); i++) {
      name = wish + "_" + i;
    }
    return name;
  }

  /** Where nodes of a graph begin: the last one of them in the file. */
  int place(Collection<Node> origins) {
    return origins.stream().mapToInt(this::index).max().orElseThrow();
  }

  private int index(Node node) {
    return makers.get(node.outputs().stream().filter(Objects::nonNull).findFirst().orElseThrow().name());
  }

  /** A node of the file. */
  NodeProto proto(Node node) {
    return graph.nodes().get(index(node));
  }

  /** The attributes of a node, or of the first one that it does the work of: whole fields. */
  List<MemorySegment> attributes(Node node) {
    return RawField.of(nodeFields.get(index(node.origins().getFirst())).content()).stream()
        .filter(field -> field.number() == NewNode.ATTRIBUTE).map(RawField::whole).toList();
  }

  /**
   * A node of the file with other inputs and outputs.
   *
   * @param index of the node
   * @param without the attributes that it loses
   */
  NewNode changed(int index, List<String> inputs, List<String> outputs, Set<String> without) {
    return new NewNode(inputs, outputs, RawField.of(nodeFields.get(index).content()).stream()
        .filter(field -> field.number() != NewNode.INPUT && field.number() != NewNode.OUTPUT)
        .filter(field -> field.number() != NewNode.ATTRIBUTE || !without.contains(name(field.content(), 1)))
        .map(RawField::whole).toList());
  }

  /** A node of the file with other inputs and outputs. */
  NewNode changed(Node node, List<String> inputs, List<String> outputs) {
    return changed(index(node), inputs, outputs, Set.of());
  }

  /** Puts a node in the place of one of the file. */
  void replace(int index, NewNode replacement) {
    gone.add(index);
    insert(index, List.of(replacement));
  }

  /**
   * Puts nodes in the place of others.
   *
   * @param origins the nodes that go
   * @param replacements the nodes that come, in the place of the last one of them
   */
  void replace(Collection<Node> origins, List<NewNode> replacements) {
    origins.forEach(node -> gone.add(index(node)));
    insert(place(origins), replacements);
  }

  private void insert(int place, List<NewNode> more) {
    nodes.computeIfAbsent(place, i -> new ArrayList<>()).addAll(more);
  }

  /** Adds a constant; returns its name. */
  String add(NewTensor tensor) {
    tensors.put(tensor.name(), tensor);
    return tensor.name();
  }

  /** Says that the file is of another version of ONNX's own operators. */
  void opset(long version) {
    this.opset = version;
  }

  private static void graphsOf(MemorySegment node, Set<String> used) {
    for (RawField attribute : RawField.of(node)) {
      if (attribute.number() != NewNode.ATTRIBUTE) {
        continue;
      }
      for (RawField graph : RawField.of(attribute.content())) {
        if (graph.number() == ATTRIBUTE_GRAPH || graph.number() == ATTRIBUTE_GRAPHS) {
          usedBy(graph.content(), used);
        }
      }
    }
  }

  private static void usedBy(MemorySegment graph, Set<String> used) {
    for (RawField field : RawField.of(graph)) {
      if (field.number() == GRAPH_OUTPUT) {
        RawField.of(field.content()).stream().filter(one -> one.number() == 1)
            .forEach(one -> used.add(one.text()));
      } else if (field.number() == GRAPH_NODE) {
        RawField.of(field.content()).stream().filter(one -> one.number() == NewNode.INPUT)
            .forEach(one -> used.add(one.text()));
        graphsOf(field.content(), used);
      }
    }
  }

  /** Finds the nodes and constants that were read only by what is gone. */
  private void sweep() {
    Map<String, Integer> readers = new HashMap<>();
    graph.outputs().forEach(output -> readers.merge(output.name(), 1, Integer::sum));
    usedInside.forEach(name -> readers.merge(name, 1, Integer::sum));
    nodes.values().stream().flatMap(List::stream).flatMap(node -> node.inputs().stream())
        .forEach(input -> readers.merge(input, 1, Integer::sum));
    Deque<String> suspects = new ArrayDeque<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      List<String> inputs = graph.nodes().get(i).inputs();
      if (gone.contains(i)) {
        suspects.addAll(inputs);
      } else {
        inputs.forEach(input -> readers.merge(input, 1, Integer::sum));
      }
    }
    while (!suspects.isEmpty()) {
      String name = suspects.pop();
      if (readers.getOrDefault(name, 0) > 0) {
        continue;
      }
      if (constants.containsKey(name)) {
        goneConstants.add(name);
      }
      Integer maker = makers.get(name);
      if (maker != null && !gone.contains(maker) && graph.nodes().get(maker).outputs().stream()
          .allMatch(output -> readers.getOrDefault(output, 0) == 0)) {
        gone.add(maker);
        graph.nodes().get(maker).inputs().forEach(input -> readers.merge(input, -1, Integer::sum));
        suspects.addAll(graph.nodes().get(maker).inputs());
      }
    }
  }

  /**
   * The changed file.
   *
   * @throws UnsupportedOperationException if it is too large for one
   */
  ProtoWriter file() {
    sweep();
    ProtoWriter changed = graph();
    ProtoWriter model = new ProtoWriter();
    int graphs = (int) fields.stream().filter(field -> field.number() == GRAPH).count();
    for (RawField field : fields) {
      if (field.number() == GRAPH) {
        graphs--;
        if (graphs == 0) {
          model.message(GRAPH, changed);
        }
      } else if (field.number() == OPSET && opset != 0) {
        model.message(OPSET, opset(field));
      } else {
        model.copy(field.whole());
      }
    }
    if (model.size() > MOST_BYTES) {
      throw new UnsupportedOperationException("the quantized model has " + model.size()
          + " bytes, more than the 2 GB that an ONNX file may have; data beside the file are not written");
    }
    return model;
  }

  private ProtoWriter opset(RawField field) {
    boolean ours = RawField.of(field.content()).stream().filter(part -> part.number() == 1)
        .allMatch(part -> part.text().isEmpty() || part.text().equals("ai.onnx"));
    ProtoWriter entry = new ProtoWriter();
    for (RawField part : RawField.of(field.content())) {
      if (ours && part.number() == 2) {
        entry.number(2, opset);
      } else {
        entry.copy(part.whole());
      }
    }
    return entry;
  }

  private ProtoWriter graph() {
    Set<String> madeNames = new HashSet<>();
    nodes.values().stream().flatMap(List::stream).forEach(node -> madeNames.addAll(node.outputs()));
    Set<String> goneValues = new HashSet<>(goneConstants);
    gone.forEach(i -> goneValues.addAll(graph.nodes().get(i).outputs()));
    goneValues.removeAll(madeNames);
    ProtoWriter writer = new ProtoWriter();
    int at = 0;
    for (RawField field : graphFields) {
      switch (field.number()) {
        case GRAPH_NODE -> {
          nodes.getOrDefault(at, List.of()).forEach(node -> writer.message(GRAPH_NODE, node.proto()));
          if (!gone.contains(at)) {
            writer.copy(field.whole());
          }
          at++;
        }
        case GRAPH_INITIALIZER -> constant(writer, field);
        case GRAPH_INPUT, GRAPH_VALUE -> {
          if (!goneValues.contains(name(field.content(), 1))) {
            writer.copy(field.whole());
          }
        }
        default -> writer.copy(field.whole());
      }
    }
    tensors.values().forEach(tensor -> writer.message(GRAPH_INITIALIZER, tensor.proto()));
    if (format < CONSTANTS_ALONE) {
      tensors.values().forEach(tensor -> writer.message(GRAPH_INPUT, tensor.input()));
    }
    return writer;
  }

  /** Copies a constant, with its data where they lie beside the file. */
  private void constant(ProtoWriter writer, RawField field) {
    String name = name(field.content(), NewTensor.NAME);
    List<RawField> parts = RawField.of(field.content());
    if (goneConstants.contains(name)) {
      return;
    }
    if (parts.stream().noneMatch(part -> part.number() == DATA_LOCATION && part.value() == 1)) {
      writer.copy(field.whole());
      return;
    }
    ProtoWriter tensor = new ProtoWriter();
    parts.stream().filter(part -> part.number() != EXTERNAL_DATA && part.number() != DATA_LOCATION)
        .forEach(part -> tensor.copy(part.whole()));
    writer.message(GRAPH_INITIALIZER, tensor.bytes(NewTensor.RAW_DATA, constants.get(name).data()));
  }

  private static String name(MemorySegment message, int number) {
    String name = "";
    for (RawField field : RawField.of(message)) {
      if (field.number() == number) {
        name = field.text();
      }
    }
    return name;
  }
}
