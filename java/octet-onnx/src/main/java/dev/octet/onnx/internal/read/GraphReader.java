package dev.octet.onnx.internal.read;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.Attributes;
import dev.octet.onnx.internal.op.OpTable;
import dev.octet.onnx.internal.op.Tensors;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Makes a graph of the messages of a file; what is not offered is listed, all of it at once. */
public final class GraphReader {
  private final GraphProto proto;
  private final int opset;
  private final ExternalData files;
  private final Map<String, Value> values = new HashMap<>();
  /** The operators that the model brings along, also where ONNX has one of the name. */
  private final Set<String> functions = new HashSet<>();
  /** What is not offered, each with the node's name. */
  private final List<String> missing = new ArrayList<>();

  private GraphReader(ModelProto model, int opset, ExternalData files) {
    this.proto = model.graph();
    model.functions().forEach(function -> functions.add(type(function.domain(), function.name())));
    this.opset = opset;
    this.files = files;
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
  public static SortedMap<String, Integer> operators(ModelProto model) {
    SortedMap<String, Integer> counts = new TreeMap<>();
    model.graph().nodes().forEach(node -> counts.merge(type(node), 1, Integer::sum));
    return counts;
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
    List<Op> ops = ops();
    if (!missing.isEmpty()) {
      throw new UnsupportedOperationException(
          missing.size() + " not offered: " + String.join("; ", missing));
    }
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
    return new Graph(inputs, outputs, nodes);
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
    List<Value> outputs = new ArrayList<>();
    node.outputs().forEach(output -> outputs.add(output.isEmpty() ? null : values.get(output)));
    if (outputs.isEmpty() || (outputs.getFirst() == null && outputs.size() == 1)) {
      throw new IllegalArgumentException("node " + label(index) + " (" + node.type() + "): has no output");
    }
    return new Node(label(index), op, inputs, outputs, List.of());
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
      for (String input : proto.nodes().get(i).inputs()) {
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
