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
 * seen through transposes, conversions, branches and calls of functions, or that it is put together from by
 * slices, concatenations and new axes of length 1.
 */
final class OnnxValues {
  /**
   * What a node makes of a value without computing.
   *
   * @param source the value
   * @param step from its axes to those of the result; null where they are the same
   * @param part whether the result has other numbers than the value: some of it, or of more beside it
   */
  private record Alias(String source, OnnxStep step, boolean part) {}

  /** A constant behind a value, with the steps on the way from the value to it. */
  record Source(String tensor, List<OnnxStep> steps) {
    /** How many axes the value has, of a constant with so many. */
    int rank(int stored) {
      int rank = stored;
      for (OnnxStep step : steps.reversed()) {
        rank = step.rank(rank);
      }
      return rank;
    }

    /**
     * The axis of the constant, of so many, that an axis of the value is; {@link WeightAxes#NONE} if none.
     */
    int stored(int axis, int stored) {
      int result = axis;
      int rank = rank(stored);
      for (OnnxStep step : steps) {
        result = step.before(result, rank);
        rank -= step.rank(0);
        if (result < 0 || result >= rank) {
          return WeightAxes.NONE;
        }
      }
      return result;
    }
  }

  private static final int MAX_AXES = 64;
  /** A second or two; a model of 100,000 nodes takes a million. */
  private static final long MAX_STEPS = 5_000_000;

  final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  /** Tensors whose elements are no type of {@link StoredType}: the name of the type. */
  final Map<String, String> opaque = new HashMap<>();
  /** Of sparse tensors, by the names of their values, what else they are made of. */
  final Map<String, List<String>> sparse = new LinkedHashMap<>();
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
      // Parts of sparse tensors have names of our making, which the model may have too.
      if (constant.whole() == null && !own.add(name)) {
        throw new MalformedFileException("tensor " + name + ": is there twice");
      }
      boolean plain = times.get(name) == 1 || (scope.path.isEmpty() && constant.whole() == null);
      String unique = plain ? name : scope.path + name;
      while (tensors.containsKey(unique)) {
        unique = scope.path + name + "_" + numbers.merge(scope.path + name, 2, (last, two) -> last + 1);
      }
      if (constant.whole() == null) {
        scope.names.put(name, unique);
      } else {
        sparse.computeIfAbsent(scope.names.get(constant.whole()), whole -> new ArrayList<>()).add(unique);
      }
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
    if (node.isOpen()) {
      return;
    }
    switch (node.op) {
      case "Identity", "Cast", "DequantizeLinear" -> alias(node.output(), node.input(0));
      case "Transpose" ->
        alias(node.output(), new Alias(node.input(0), new OnnxStep.Permuted(node.list("perm")), false));
      case "Slice", "Split" ->
        node.outputs.forEach(output -> alias(output, new Alias(node.input(0), null, true)));
      case "Concat" ->
        node.inputs.forEach(input -> alias(node.output(), new Alias(input, null, true)));
      case "Unsqueeze" -> {
        int[] axes = node.inputs.size() > 1 ? integers(node.input(1)) : node.list("axes");
        if (axes != null) {
          alias(node.output(), new Alias(node.input(0), new OnnxStep.Unsqueezed(axes), true));
        }
      }
      default -> {
        // computes something, or is a branch or a call
      }
    }
  }

  /** The integers of a constant; null where it is none, or no short vector of integers. */
  private int[] integers(String value) {
    StoredTensor tensor = tensors.get(value);
    return tensor != null && tensor.type() == StoredType.I64 && tensor.shape().elements() <= MAX_AXES
        ? tensor.ints()
        : null;
  }

  private void alias(String value, String source) {
    alias(value, new Alias(source, null, false));
  }

  private void alias(String value, Alias alias) {
    if (!value.isEmpty() && !alias.source.isEmpty()) {
      aliases.computeIfAbsent(value, v -> new ArrayList<>()).add(alias);
    }
  }

  private void enter(OnnxScope.Body body) {
    OnnxNode node = body.node();
    int count = node.inputs.size();
    if (node.isOpen()) {
      return;
    }
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
      alias(scope.resolve(inside.get(i)), outside.get(i));
    }
  }

  private void leave(OnnxScope scope, OnnxNode node, int skip) {
    for (int i = 0; i < node.outputs.size() && i + skip < scope.outputs.size(); i++) {
      alias(node.outputs.get(i), scope.resolve(scope.outputs.get(i + skip)));
    }
  }

  /** The constants that a value is, or may be: the same numbers, in this order or transposed. */
  List<Source> sources(String value) {
    return sources(value, false);
  }

  /** The constants that a value is, may be, or is put together from. */
  List<Source> parts(String value) {
    return sources(value, true);
  }

  private List<Source> sources(String value, boolean parts) {
    List<Source> found = new ArrayList<>();
    Set<String> seen = new HashSet<>(Set.of(value));
    List<Source> open = new ArrayList<>(List.of(new Source(value, List.of())));
    while (!open.isEmpty()) {
      Source at = open.removeLast();
      steps += 1 + at.steps.size();
      if (steps > MAX_STEPS) {
        throw new MalformedFileException(
            "ONNX: expected at most " + MAX_STEPS + " steps from the inputs of all nodes to constants");
      }
      if (tensors.containsKey(at.tensor)) {
        found.add(at);
        continue;
      }
      for (Alias alias : aliases.getOrDefault(at.tensor, List.of())) {
        if ((parts || !alias.part) && seen.add(alias.source)) {
          List<OnnxStep> way = new ArrayList<>(at.steps);
          if (alias.step != null) {
            way.add(alias.step);
          }
          open.add(new Source(alias.source, way));
        }
      }
    }
    return found;
  }
}
