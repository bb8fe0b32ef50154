package dev.octet.onnx.internal.read;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.Attributes;
import dev.octet.onnx.internal.op.OpTable;
import dev.octet.onnx.internal.op.Tensors;
import dev.octet.onnx.internal.plan.If;
import dev.octet.onnx.value.ElementType;
import dev.octet.quantize.proto.AttributeProto;
import dev.octet.quantize.proto.ExternalData;
import dev.octet.quantize.proto.GraphProto;
import dev.octet.quantize.proto.ModelProto;
import dev.octet.quantize.proto.NodeProto;
import dev.octet.quantize.proto.TensorProto;
import dev.octet.quantize.proto.ValueProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes a graph of the messages of a file; what is not offered is listed, all of it at once. */
public final class GraphReader {
  private static final int MAX_DEPTH = 16;

  private final GraphProto proto;
  private final int opset;
  private final ExternalData files;
  private final Map<String, Value> values = new HashMap<>();
  /** The operators that the model brings along, also where ONNX has one of the name. */
  private final Set<String> functions;
  /** What is not offered, each with the node's name. */
  private final List<String> missing;
  /** The reader of the graph around this one; null where there is none. */
  private final GraphReader outer;
  private final int depth;
  /** By node: the readers of its branches. */
  private final Map<Integer, List<GraphReader>> branches = new HashMap<>();
  /** The values of the graph around this one that are read here, by name, with those that they are here. */
  private final Map<String, Value> captured = new LinkedHashMap<>();
  /** By node: its operator; null where it is not offered, or has branches. */
  private List<Op> ops;

  private GraphReader(ModelProto model, int opset, ExternalData files) {
    this.proto = model.graph();
    this.functions = model.functions().stream().map(function -> type(function.domain(), function.name()))
        .collect(Collectors.toSet());
    this.opset = opset;
    this.files = files;
    this.missing = new ArrayList<>();
    this.outer = null;
    this.depth = 1;
  }

  /** A reader of a graph inside of a node of another one. */
  private GraphReader(GraphReader outer, GraphProto proto) {
    this.proto = proto;
    this.functions = outer.functions;
    this.opset = outer.opset;
    this.files = outer.files;
    this.missing = outer.missing;
    this.outer = outer;
    this.depth = outer.depth + 1;
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("expected at most " + MAX_DEPTH + " graphs in each other");
    }
  }

  /**
   * Makes a graph.
   *
   * @param model the file
   * @param files where external data of attributes lie
   * @return the graph, of which only inputs and constants are known
   * @throws IllegalArgumentException if the file's graph is none
   * @throws UnsupportedOperationException naming all nodes that are not offered, or the opset
   */
  public static Graph read(ModelProto model, ExternalData files) {
    String opset = missingOpset(model);
    if (opset != null) {
      throw new UnsupportedOperationException(opset);
    }
    return new GraphReader(model, (int) opset(model), files).graph();
  }

  /**
   * Finds what is not offered.
   *
   * @param model the file
   * @param files where external data of attributes lie
   * @return the opset, or inputs, initializers and nodes, each with its name and the reason; may be empty
   * @throws IllegalArgumentException if the file's graph is none
   */
  public static List<String> missing(ModelProto model, ExternalData files) {
    String opset = missingOpset(model);
    if (opset != null) {
      return List.of(opset);
    }
    GraphReader reader = new GraphReader(model, (int) opset(model), files);
    reader.constants();
    reader.inputs();
    reader.ops();
    return List.copyOf(reader.missing);
  }

  /** What is said of an opset that is not offered; null where it is. */
  private static String missingOpset(ModelProto model) {
    long opset = opset(model);
    return opset < OpTable.OLDEST_OPSET || opset > OpTable.NEWEST_OPSET
        ? "opset " + opset + " is not offered: expected " + OpTable.OLDEST_OPSET + " to "
            + OpTable.NEWEST_OPSET
        : null;
  }

  /**
   * How many nodes of each operator a model has, an operator after its domain where that is not ONNX's own.
   */
  public static SortedMap<String, Integer> operators(ModelProto model, ExternalData files) {
    SortedMap<String, Integer> counts = new TreeMap<>();
    count(model.graph(), files, counts, 1);
    return counts;
  }

  private static void count(GraphProto graph, ExternalData files, SortedMap<String, Integer> counts,
      int depth) {
    for (NodeProto node : graph.nodes()) {
      counts.merge(type(node), 1, Integer::sum);
      node.attributes().values().stream().filter(attribute -> attribute.hasGraph() && depth < MAX_DEPTH)
          .forEach(attribute -> count(attribute.graph(files), files, counts, depth + 1));
    }
  }

  /** The version of ONNX's own operators. */
  public static long opset(ModelProto model) {
    Long opset = model.opsets().get("");
    if (opset == null) {
      throw new IllegalArgumentException("the model does not say which opset of ONNX it is of");
    }
    return opset;
  }

  /** The inputs of a graph that are no initializers, as older files list those too. */
  public static List<ValueProto> inputs(GraphProto graph) {
    Set<String> initializers = new HashSet<>();
    graph.initializers().forEach(tensor -> initializers.add(tensor.name()));
    graph.sparseInitializers().forEach(tensor -> initializers.add(tensor.values().name()));
    return graph.inputs().stream().filter(input -> !initializers.contains(input.name())).toList();
  }

  /** The names of the nodes of a graph, as messages and reports have them. */
  public static List<String> names(GraphProto graph) {
    return IntStream.range(0, graph.nodes().size()).mapToObj(i -> label(graph, i)).toList();
  }

  private void constants() {
    for (TensorProto tensor : proto.initializers()) {
      put(new Value(tensor.name(), Tensors.known(tensor)), "an initializer");
    }
    proto.sparseInitializers().forEach(tensor -> {
      missing.add("initializer " + tensor.values().name() + ": sparse tensors");
      put(new Value(tensor.values().name(), Known.of(ElementType.OTHER)), "an initializer");
    });
  }

  private List<Value> inputs() {
    List<Value> inputs = new ArrayList<>();
    for (ValueProto input : inputs(proto)) {
      ElementType type = Tensors.type(input.dataType());
      if (type == ElementType.OTHER) {
        missing.add("input " + input.name() + ": its type");
      }
      long[] dims = input.dims() == null
          ? null
          : input.dims().stream().mapToLong(ValueProto.Dim::length).toArray();
      inputs.add(put(new Value(input.name(), new Known(type, dims, null)), "an input"));
    }
    return inputs;
  }

  /** The operators of all nodes; null where one is not offered, which is noted. */
  private List<Op> ops() {
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < proto.nodes().size(); i++) {
      ops.add(op(i));
    }
    return ops;
  }

  private Graph graph() {
    constants();
    List<Value> inputs = inputs();
    ops = ops();
    if (!missing.isEmpty()) {
      throw new UnsupportedOperationException(
          missing.size() + " not offered: " + String.join("; ", missing));
    }
    return graph(inputs);
  }

  /**
   * Makes a graph of what was read.
   *
   * @param inputs of a model; those of a branch are what it captures
   */
  private Graph graph(List<Value> inputs) {
    for (int i = 0; i < ops.size(); i++) {
      String name = label(i);
      proto.nodes().get(i).outputs().stream().filter(output -> !output.isEmpty())
          .forEach(output -> put(new Value(output, null), "made by node " + name));
    }
    List<Node> nodes = order().stream().map(i -> node(i, ops.get(i))).toList();
    List<Value> outputs = proto.outputs().stream()
        .map(output -> value(output.name(), "an output of the graph"))
        .toList();
    if (outputs.isEmpty()) {
      throw new IllegalArgumentException("the graph has no outputs");
    }
    Set<Value> distinct = new HashSet<>();
    for (Value output : outputs) {
      if (!distinct.add(output)) {
        throw new IllegalArgumentException("value \"" + output.name() + "\" is an output of the graph twice");
      }
    }
    return new Graph(outer == null ? inputs : List.copyOf(captured.values()), outputs, nodes);
  }

  private Value put(Value value, String what) {
    if (values.putIfAbsent(value.name(), value) != null) {
      throw new IllegalArgumentException(
          "value \"" + value.name() + "\" is " + what + ", and the graph has another one of this name");
    }
    return value;
  }

  private Value value(String name, String user) {
    Value value = values.get(name);
    if (value == null && outer != null) {
      Value there = captured.containsKey(name) ? null : outer.value(name, user);
      return captured.computeIfAbsent(name, key -> new Value(key, there.known()));
    }
    if (value == null) {
      throw new IllegalArgumentException("value \"" + name + "\" is " + user
          + ", and no node makes it, nor is it an input or an initializer");
    }
    return value;
  }

  /** The operator of a node; null where it is not offered, which is noted. */
  private Op op(int index) {
    NodeProto node = proto.nodes().get(index);
    String label = "node " + label(index) + " (" + type(node) + ")";
    if (type(node).equals("If")) {
      branches.put(index, List.of(branch(node, label, "then_branch"), branch(node, label, "else_branch")));
      return null;
    }
    if (node.attributes().values().stream().anyMatch(AttributeProto::hasGraph)) {
      missing.add(label + ": graphs inside of nodes");
      return null;
    }
    if (functions.contains(type(node))) {
      missing.add(label + ": functions of the model's own");
      return null;
    }
    if (!OpTable.has(type(node))) {
      missing.add(label);
      return null;
    }
    try {
      return OpTable.read(type(node), new Attributes(node, opset, files));
    } catch (UnsupportedOperationException e) {
      missing.add(label + ": " + e.getMessage());
      return null;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(label + ": " + e.getMessage(), e);
    }
  }

  /** A reader of a branch, whose operators are read. */
  private GraphReader branch(NodeProto node, String label, String name) {
    AttributeProto attribute = node.attributes().get(name);
    if (attribute == null || !attribute.hasGraph() || node.attributes().size() != 2) {
      throw new IllegalArgumentException(
          label + ": expected the graphs then_branch and else_branch, and no other attribute");
    }
    GraphReader reader = new GraphReader(this, attribute.graph(files));
    if (!reader.proto.inputs().isEmpty()) {
      throw new IllegalArgumentException(label + ": " + name + " has inputs, expected none");
    }
    reader.constants();
    reader.ops = reader.ops();
    return reader;
  }

  /** The names that are read here, or in branches, and made around this graph. */
  private Set<String> free() {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < proto.nodes().size(); i++) {
      names.addAll(inputs(i));
    }
    proto.outputs().forEach(output -> names.add(output.name()));
    names.removeAll(values.keySet());
    proto.nodes().forEach(node -> names.removeAll(node.outputs()));
    return names;
  }

  /** The names that a node reads, those that its branches read among them. */
  private Set<String> inputs(int index) {
    Set<String> names = new LinkedHashSet<>(proto.nodes().get(index).inputs());
    branches.getOrDefault(index, List.of()).forEach(branch -> names.addAll(branch.free()));
    return names;
  }

  private static String type(NodeProto node) {
    return type(node.domain(), node.type());
  }

  /** An operator's name, after its domain where that is not ONNX's own. */
  private static String type(String domain, String name) {
    return domain.isEmpty() || domain.equals("ai.onnx") ? name : domain + ":" + name;
  }

  private String label(int index) {
    return label(proto, index);
  }

  private static String label(GraphProto graph, int index) {
    NodeProto node = graph.nodes().get(index);
    return node.name().isEmpty() ? node.type() + "_" + index : node.name();
  }

  private Node node(int index, Op op) {
    NodeProto node = proto.nodes().get(index);
    String user = "an input of node " + label(index) + " (" + node.type() + ")";
    List<Value> inputs = new ArrayList<>();
    node.inputs().forEach(input -> inputs.add(input.isEmpty() ? null : value(input, user)));
    Op whole = branches.containsKey(index) ? branching(index, inputs) : op;
    List<Value> outputs = new ArrayList<>();
    node.outputs().forEach(output -> outputs.add(output.isEmpty() ? null : values.get(output)));
    if (outputs.isEmpty() || (outputs.getFirst() == null && outputs.size() == 1)) {
      throw new IllegalArgumentException("node " + label(index) + " (" + node.type() + "): has no output");
    }
    return new Node(label(index), whole, inputs, outputs, List.of());
  }

  /** A node of two branches; what they read of this graph are its inputs. */
  private Op branching(int index, List<Value> inputs) {
    String label = "node " + label(index) + " (If)";
    if (inputs.size() != 1) {
      throw new IllegalArgumentException(label + ": expected 1 inputs, got " + inputs.size());
    }
    List<Graph> graphs = new ArrayList<>();
    for (GraphReader branch : branches.get(index)) {
      graphs.add(branch.graph(List.of()));
      branch.captured.keySet().forEach(name -> inputs.add(value(name, "an input of " + label)));
    }
    int count = proto.nodes().get(index).outputs().size();
    if (graphs.getFirst().outputs().size() != count || proto.nodes().get(index).outputs().contains("")) {
      throw new IllegalArgumentException(label + ": expected the outputs of its branches, "
          + graphs.getFirst().outputs().size() + ", got " + count);
    }
    try {
      return new If(graphs.getFirst(), graphs.getLast());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(label + ": " + e.getMessage(), e);
    }
  }

  /** The nodes in an order in which they can run: that of the file, where it is one. */
  private List<Integer> order() {
    int count = proto.nodes().size();
    Map<String, Integer> producers = new HashMap<>();
    for (int i = 0; i < count; i++) {
      for (String output : proto.nodes().get(i).outputs()) {
        producers.put(output, i);
      }
    }
    producers.remove("");
    int[] waits = new int[count];
    List<List<Integer>> readers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      readers.add(new ArrayList<>());
    }
    for (int i = 0; i < count; i++) {
      for (String input : inputs(i)) {
        Integer producer = producers.get(input);
        if (producer != null) {
          waits[i]++;
          readers.get(producer).add(i);
        }
      }
    }
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (waits[i] == 0) {
        order.add(i);
      }
    }
    for (int next = 0; next < order.size(); next++) {
      for (int reader : readers.get(order.get(next))) {
        if (--waits[reader] == 0) {
          order.add(reader);
        }
      }
    }
    for (int i = 0; i < count; i++) {
      if (waits[i] > 0) {
        throw new IllegalArgumentException("node " + label(i) + " (" + proto.nodes().get(i).type()
            + "): is in a cycle, or reads what a cycle makes");
      }
    }
    return order;
  }
}
