package dev.octet.quantize.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All graphs of a model as one: names that are unique in it, and from each value the constants that it is,
 * seen through transposes, conversions, branches and calls of functions.
 */
final class OnnxValues {
  /** What a node makes of a value without computing: axis a of the result is axis permutation[a] of it. */
  private record Alias(String source, int[] permutation) {}

  /** A constant behind a value, with the permutations on the way from the value to it. */
  record Source(String tensor, List<int[]> permutations) {
    /** The axis of the constant that an axis of the value is. */
    int stored(int axis, int rank) {
      int result = axis;
      for (int[] permutation : permutations) {
        if (permutation.length == 0) {
          result = rank - 1 - result;
        } else if (permutation.length == rank) {
          result = permutation[result];
        }
        if (result < 0 || result >= rank) {
          throw new MalformedFileException("tensor " + tensor + ": expected a permutation of " + rank
              + " axes in Transpose, got axis " + result);
        }
      }
      return result;
    }
  }

  /** A second or two; a model of 100,000 nodes takes a million. */
  private static final long MAX_STEPS = 5_000_000;

  final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  /** Tensors whose elements are no type of {@link StoredType}: the name of the type. */
  final Map<String, String> opaque = new HashMap<>();
  final List<OnnxNode> nodes = new ArrayList<>();
  private final Map<String, List<Alias>> aliases = new HashMap<>();
  private final List<OnnxScope> scopes = new ArrayList<>();
  /** The last number behind a name that is taken. */
  private final Map<String, Integer> numbers = new HashMap<>();
  private long steps;

  OnnxValues(OnnxScope graph, List<OnnxScope> functions) {
    collect(graph);
    functions.forEach(this::collect);
    Map<String, Integer> times = new HashMap<>();
    scopes.forEach(
        scope -> scope.constants.forEach(c -> times.merge(c.tensor().name(), 1, Integer::sum)));
    scopes.forEach(scope -> name(scope, times));
    for (OnnxScope scope : scopes) {
      for (OnnxNode node : scope.nodes) {
        node.inputs.replaceAll(scope::resolve);
        node.outputs.replaceAll(scope::resolve);
        nodes.add(node);
      }
    }
    nodes.forEach(this::alias);
    scopes.forEach(scope -> scope.bodies.forEach(this::enter));
    Map<String, OnnxScope> called = new HashMap<>();
    functions.forEach(function -> called.put(function.function, function));
    for (OnnxNode node : nodes) {
      OnnxScope function = called.get(node.domain + ":" + node.op);
      if (function != null) {
        bind(function.inputs, function, node.inputs, 0, node.inputs.size());
        leave(function, node, 0);
      }
    }
  }

  private void collect(OnnxScope scope) {
    scopes.add(scope);
    scope.bodies.forEach(body -> collect(body.scope()));
  }

  private void name(OnnxScope scope, Map<String, Integer> times) {
    Set<String> own = new HashSet<>();
    for (OnnxTensor.Constant constant : scope.constants) {
      StoredTensor tensor = constant.tensor();
      String name = tensor.name();
      if (!own.add(name)) {
        throw new MalformedFileException("tensor " + name + ": is there twice");
      }
      boolean plain = scope.path.isEmpty() || times.get(name) == 1;
      String unique = plain ? name : scope.path + name;
      while (tensors.containsKey(unique)) {
        unique = scope.path + name + "_" + numbers.merge(scope.path + name, 2, (last, two) -> last + 1);
      }
      scope.names.put(name, unique);
      tensors.put(unique, new StoredTensor(unique, tensor.type(), tensor.shape(), tensor.data()));
      if (constant.opaque() != null) {
        opaque.put(unique, constant.opaque());
      }
    }
    scope.inputs.forEach(name -> scope.names.putIfAbsent(name, scope.path + name));
    scope.nodes.forEach(node -> node.outputs.stream().filter(name -> !name.isEmpty())
        .forEach(name -> scope.names.putIfAbsent(name, scope.path + name)));
  }

  private void alias(OnnxNode node) {
    switch (node.op) {
      case "Identity", "Cast", "DequantizeLinear" -> alias(node, null);
      case "Transpose" -> alias(node, node.list("perm"));
      default -> {
        // computes something, or is a branch or a call
      }
    }
  }

  private void alias(OnnxNode node, int[] permutation) {
    if (node.outputs.size() == 1) {
      alias(node.outputs.getFirst(), node.input(0), permutation);
    }
  }

  private void alias(String value, String source, int[] permutation) {
    if (!value.isEmpty() && !source.isEmpty()) {
      aliases.computeIfAbsent(value, v -> new ArrayList<>()).add(new Alias(source, permutation));
    }
  }

  private void enter(OnnxScope.Body body) {
    OnnxNode node = body.node();
    int count = node.inputs.size();
    switch (node.op) {
      case "If" -> leave(body.scope(), node, 0);
      case "Loop" -> {
        bind(body.scope().inputs, body.scope(), node.inputs, 2, count);
        leave(body.scope(), node, 1);
      }
      // Inputs that are cut along an axis have one axis less inside.
      case "Scan" -> bind(body.scope().inputs, body.scope(), node.inputs, 0,
          count - node.integer("num_scan_inputs", count));
      default -> {
        // no node whose body is known
      }
    }
  }

  private void bind(List<String> inside, OnnxScope scope, List<String> outside, int from, int to) {
    for (int i = from; i < Math.min(to, inside.size()); i++) {
      alias(scope.resolve(inside.get(i)), outside.get(i), null);
    }
  }

  private void leave(OnnxScope scope, OnnxNode node, int skip) {
    for (int i = 0; i < node.outputs.size() && i + skip < scope.outputs.size(); i++) {
      alias(node.outputs.get(i), scope.resolve(scope.outputs.get(i + skip)), null);
    }
  }

  /** The constants that a value is, or may be. */
  List<Source> sources(String value) {
    List<Source> found = new ArrayList<>();
    Set<String> seen = new HashSet<>(Set.of(value));
    List<Source> open = new ArrayList<>(List.of(new Source(value, List.of())));
    while (!open.isEmpty()) {
      Source at = open.removeLast();
      steps += 1 + at.permutations.size();
      if (steps > MAX_STEPS) {
        throw new MalformedFileException(
            "ONNX: expected at most " + MAX_STEPS + " steps from the inputs of all nodes to constants");
      }
      if (tensors.containsKey(at.tensor)) {
        found.add(at);
        continue;
      }
      for (Alias alias : aliases.getOrDefault(at.tensor, List.of())) {
        if (seen.add(alias.source)) {
          List<int[]> way = new ArrayList<>(at.permutations);
          if (alias.permutation != null) {
            way.add(alias.permutation);
          }
          open.add(new Source(alias.source, way));
        }
      }
    }
    return found;
  }
}
