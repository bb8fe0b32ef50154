package dev.octet.quantize.file;

import dev.octet.quantize.proto.AttributeProto;
import dev.octet.quantize.proto.ExternalData;
import dev.octet.quantize.proto.FunctionProto;
import dev.octet.quantize.proto.GraphProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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
  /** A branch or body: the node that has it, by what attribute. */
  record Body(OnnxNode node, String attribute, OnnxScope scope) {}

  final OnnxScope parent;
  /** Leads from the model's graph to this one; empty for the graph itself. */
  final String path;
  final List<OnnxNode> nodes = new ArrayList<>();
  final List<OnnxConstant> constants = new ArrayList<>();
  final List<String> inputs = new ArrayList<>();
  final List<String> outputs = new ArrayList<>();
  final List<Body> bodies = new ArrayList<>();
  final List<GraphProto.Annotation> annotations = new ArrayList<>();
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
   * @param graph the graph
   * @param path what names in it that are not unique begin with
   * @param paths of the model
   * @param files where external data lie
   * @return the graph
   */
  static OnnxScope graph(GraphProto graph, String path, OnnxPaths paths, ExternalData files) {
    return graph(graph, null, path, paths, files, 0);
  }

  private static OnnxScope graph(GraphProto graph, OnnxScope parent, String path, OnnxPaths paths,
      ExternalData files, int depth) {
    OnnxScope scope = new OnnxScope(parent, paths.unique(path));
    graph.nodes().forEach(node -> scope.nodes.add(new OnnxNode(node)));
    graph.initializers().forEach(tensor -> scope.constants.add(OnnxConstant.of(tensor)));
    graph.sparseInitializers().forEach(tensor -> scope.constants.addAll(OnnxConstant.parts(tensor)));
    graph.inputs().forEach(value -> scope.inputs.add(value.name()));
    graph.outputs().forEach(value -> scope.outputs.add(value.name()));
    scope.annotations.addAll(graph.annotations());
    scope.inside(paths, files, depth);
    return scope;
  }

  /** Reads a local function. */
  static OnnxScope function(FunctionProto function, OnnxPaths paths, ExternalData files) {
    OnnxScope scope = new OnnxScope(null, paths.unique(function.name() + "/"));
    scope.function = OnnxNode.function(function.domain(), function.name(), function.overload());
    function.nodes().forEach(node -> scope.nodes.add(new OnnxNode(node)));
    scope.inputs.addAll(function.inputs());
    scope.outputs.addAll(function.outputs());
    for (AttributeProto attribute : function.defaults()) {
      scope.constants
          .addAll(OnnxConstant.tensors(attribute, function.name() + "/" + attribute.name(), files));
    }
    scope.inside(paths, files, 0);
    return scope;
  }

  /** Reads the Constants, and the graphs of the nodes. */
  private void inside(OnnxPaths paths, ExternalData files, int depth) {
    if (depth == MAX_DEPTH) {
      throw new MalformedFileException("ONNX: expected at most " + MAX_DEPTH + " graphs in each other");
    }
    for (int i = 0; i < nodes.size(); i++) {
      OnnxNode node = nodes.get(i);
      String label = node.label(i);
      for (AttributeProto attribute : node.attributes.values()) {
        if (node.op.equals("Constant") && node.outputs.size() == 1) {
          constants.addAll(OnnxConstant.ofNode(attribute, node.output(), files));
        } else if (attribute.hasTensors() && !node.op.equals("ConstantOfShape")) {
          constants.addAll(OnnxConstant.tensors(attribute, label + "/" + attribute.name(), files));
        }
        GraphProto graph = attribute.graph(files);
        if (graph != null) {
          bodies.add(new Body(node, attribute.name(), graph(graph, this,
              path + label + "/" + attribute.name() + "/", paths, files, depth + 1)));
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
