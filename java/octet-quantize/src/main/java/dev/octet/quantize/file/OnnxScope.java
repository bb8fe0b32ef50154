package dev.octet.quantize.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph, the branch or body of a node, or a local function: what is inside sees the names of the graphs
 * around it, a function only its own.
 */
final class OnnxScope {
  /** A parser of protobuf that stops at 100 messages in each other, as most do, reads half as many graphs. */
  private static final int MAX_DEPTH = 64;
  private static final int QUANTIZATION_ANNOTATION = 14;
  private static final int SPARSE_INITIALIZER = 15;

  /** A branch or body: the node that has it, by what attribute. */
  record Body(OnnxNode node, String attribute, OnnxScope scope) {}

  /**
   * What a graph says of a value that is quantized, or meant to be.
   *
   * @param tensor the name of the value
   * @param parameters the names of scales and zero points
   */
  record Annotation(String tensor, List<String> parameters) {}

  final OnnxScope parent;
  /** Leads from the model's graph to this one; empty for the graph itself. */
  final String path;
  final List<OnnxNode> nodes = new ArrayList<>();
  final List<OnnxTensor.Constant> constants = new ArrayList<>();
  final List<String> inputs = new ArrayList<>();
  final List<String> outputs = new ArrayList<>();
  final List<Body> bodies = new ArrayList<>();
  final List<Annotation> annotations = new ArrayList<>();
  /** From names in here to names that no other graph of the model has. */
  final Map<String, String> names = new HashMap<>();
  /** Of a function: what nodes call it by. */
  String function = "";

  private OnnxScope(OnnxScope parent, String path) {
    this.parent = parent;
    this.path = path;
  }

  /**
   * Reads a graph that is in no other one.
   *
   * @param message the GraphProto
   * @param path what names in it that are not unique begin with
   * @param paths of the model
   * @param files where external data lie
   * @return the graph
   */
  static OnnxScope graph(ProtoMessage message, String path, OnnxPaths paths, ExternalData files) {
    return graph(message, null, path, paths, files, 0);
  }

  private static OnnxScope graph(ProtoMessage message, OnnxScope parent, String path, OnnxPaths paths,
      ExternalData files, int depth) {
    OnnxScope scope = new OnnxScope(parent, paths.unique(path));
    while (message.next()) {
      switch (message.field()) {
        case 1 -> scope.nodes.add(new OnnxNode(message.message()));
        case 5 -> scope.constants.add(OnnxTensor.read(message.message(), null, files));
        case 11 -> scope.inputs.add(valueName(message.message()));
        case 12 -> scope.outputs.add(valueName(message.message()));
        case QUANTIZATION_ANNOTATION -> scope.annotations.add(annotation(message.message()));
        case SPARSE_INITIALIZER -> scope.constants.addAll(OnnxSparse.read(message.message(), null, files));
        default -> {
          // shapes, documentation
        }
      }
    }
    scope.inside(paths, files, depth);
    return scope;
  }

  private static Annotation annotation(ProtoMessage message) {
    String tensor = "";
    Map<String, String> parameters = new LinkedHashMap<>();
    while (message.next()) {
      if (message.field() == 1) {
        tensor = message.text();
      } else if (message.field() == 2) {
        OnnxTensor.entry(message.message(), parameters);
      }
    }
    return new Annotation(tensor, List.copyOf(parameters.values()));
  }

  /** Reads a local function. */
  static OnnxScope function(ProtoMessage message, OnnxPaths paths, ExternalData files) {
    List<OnnxNode> nodes = new ArrayList<>();
    List<OnnxAttribute> defaults = new ArrayList<>();
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    String name = "";
    String domain = "";
    String overload = "";
    while (message.next()) {
      switch (message.field()) {
        case 1 -> name = message.text();
        case 4 -> inputs.add(message.text());
        case 5 -> outputs.add(message.text());
        case 7 -> nodes.add(new OnnxNode(message.message()));
        case 10 -> domain = message.text();
        case 11 -> defaults.add(new OnnxAttribute(message.message()));
        case 13 -> overload = message.text();
        default -> {
          // names of attributes, documentation
        }
      }
    }
    OnnxScope scope = new OnnxScope(null, paths.unique(name + "/"));
    scope.function = OnnxNode.function(domain, name, overload);
    scope.nodes.addAll(nodes);
    scope.inputs.addAll(inputs);
    scope.outputs.addAll(outputs);
    for (OnnxAttribute attribute : defaults) {
      scope.constants.addAll(attribute.tensors(name + "/" + attribute.name, files));
    }
    scope.inside(paths, files, 0);
    return scope;
  }

  private static String valueName(ProtoMessage value) {
    String name = "";
    while (value.next()) {
      if (value.field() == 1) {
        name = value.text();
      }
    }
    return name;
  }

  /** Reads the Constants, and the graphs of the nodes. */
  private void inside(OnnxPaths paths, ExternalData files, int depth) {
    if (depth == MAX_DEPTH) {
      throw new MalformedFileException("ONNX: expected at most " + MAX_DEPTH + " graphs in each other");
    }
    for (int i = 0; i < nodes.size(); i++) {
      OnnxNode node = nodes.get(i);
      String label = node.label(i);
      for (OnnxAttribute attribute : node.attributes.values()) {
        if (node.op.equals("Constant") && node.outputs.size() == 1) {
          constants.addAll(attribute.constants(node.output(), files));
        } else if (attribute.hasTensors() && !node.op.equals("ConstantOfShape")) {
          constants.addAll(attribute.tensors(label + "/" + attribute.name, files));
        }
        if (attribute.graph != null) {
          bodies.add(new Body(node, attribute.name, graph(attribute.graph, this,
              path + label + "/" + attribute.name + "/", paths, files, depth + 1)));
        }
      }
    }
  }

  /** The names of constants, inputs and results of nodes in here. */
  Set<String> ownNames() {
    Set<String> own = new HashSet<>(inputs);
    constants.forEach(constant -> own.add(constant.tensor().name()));
    nodes.forEach(node -> own.addAll(node.outputs));
    return own;
  }

  /** The name that a name in here stands for in the whole model. */
  String resolve(String name) {
    for (OnnxScope scope = this; scope != null; scope = scope.parent) {
      String found = scope.names.get(name);
      if (found != null) {
        return found;
      }
    }
    return value(name);
  }

  /** A name in here as one that no value of another graph has: no name of a model has the character NUL. */
  String value(String name) {
    return name.isEmpty() || path.isEmpty() ? name : path + '\0' + name;
  }
}
