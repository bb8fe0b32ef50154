package dev.octet.quantize.file;

import dev.octet.Shape;
import dev.octet.quantize.proto.GraphProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * All graphs of a model as one: names that are unique in it, and from each value the constants that it is,
 * seen through transposes, conversions, branches and calls of functions, or that it is put together from by
 * slices, concatenations and new axes of length 1.
 */
final class OnnxValues {
  private static final String TWICE = "the graph has two tensors of this name";
  private static final String TRAINING = "of the model's training";

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

    /** The shape of the value, of a constant with a shape; null where the steps do not fit it. */
    Shape shape(Shape stored) {
      long[] dims = new long[rank(stored.rank())];
      for (int axis = 0; axis < dims.length; axis++) {
        int from = stored(axis, stored.rank());
        if (from == WeightAxes.NONE) {
          return null;
        }
        dims[axis] = stored.dim(from);
      }
      return Shape.of(dims);
    }
  }

  /**
   * What a graph says of a value that is quantized, or meant to be.
   *
   * @param layer its name: that of the constant, or of the value in its graph
   * @param tensors the value, if it is a constant, and its scales and zero points
   */
  record Annotation(String layer, List<String> tensors) {}

  private static final int MAX_AXES = 64;
  /**
   * A second or two. All-MiniLM-L6-v2 takes 603 steps, its twin with integer products 953; a network of a
   * hundred times as many layers takes a twentieth of the limit. Beyond it, no tensor is a weight, and all
   * are listed and copied.
   */
  static final long MAX_STEPS = 2_000_000;
  /**
   * How often a query comes to a value by different steps: by the two branches of an If, say. A function that
   * is called on its own result, which is one value for all its calls here, would never end.
   */
  private static final int MAX_VISITS = 4;

  final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  /** Tensors whose elements are no type of {@link StoredType}: the name of the type. */
  final Map<String, String> opaque = new HashMap<>();
  /** Of sparse tensors, by the names of their values, what else they are made of. */
  final Map<String, List<String>> sparse = new LinkedHashMap<>();
  final List<OnnxNode> nodes = new ArrayList<>();
  final List<Annotation> annotations = new ArrayList<>();
  /** Constants that are no weights, with the reason. */
  final Map<String, String> left = new LinkedHashMap<>();
  /** From the initial values of what loops change to the node of the loop. */
  private final Map<String, String> states = new LinkedHashMap<>();
  /** From the output of each Identity to its input. */
  private final Map<String, String> identities = new HashMap<>();
  private final Map<String, List<Alias>> aliases = new HashMap<>();
  private final List<OnnxScope> scopes = new ArrayList<>();
  /** The last number behind a name that is taken. */
  private final Map<String, Integer> numbers = new HashMap<>();
  private long steps;
  private boolean exhausted;

  /**
   * Reads the graphs of a model.
   *
   * @param graph of the model
   * @param functions of the model
   * @param training graphs of its training, of which only the tensors are of interest
   */
  OnnxValues(OnnxScope graph, List<OnnxScope> functions, List<OnnxScope> training) {
    collect(graph);
    functions.forEach(this::collect);
    int inference = scopes.size();
    training.forEach(this::collect);
    Map<String, Integer> times = new HashMap<>();
    scopes.forEach(scope -> scope.ownNames().forEach(name -> times.merge(name, 1, Integer::sum)));
    scopes.forEach(scope -> name(scope, times));
    scopes.subList(inference, scopes.size())
        .forEach(scope -> scope.names.values().forEach(name -> leaveAsItIs(name, TRAINING)));
    scopes.subList(inference, scopes.size()).clear();
    Map<String, OnnxScope> called = new HashMap<>();
    functions.forEach(function -> called.put(function.function, function));
    for (OnnxScope scope : scopes) {
      for (OnnxNode node : scope.nodes) {
        node.inputs.replaceAll(scope::resolve);
        node.outputs.replaceAll(scope::resolve);
        nodes.add(node);
        if (called.containsKey(node.function())) {
          node.op = ""; // also where ONNX has an operator of this name
        }
      }
      scope.annotations.forEach(annotation -> annotate(scope, annotation));
    }
    nodes.forEach(this::alias);
    scopes.forEach(scope -> scope.bodies.forEach(this::enter));
    for (OnnxNode node : nodes) {
      OnnxScope function = called.get(node.function());
      if (function != null) {
        bind(function.inputs, function, node.inputs, 0, node.inputs.size());
        leave(function, node, 0, node.outputs.size());
      }
    }
    states.forEach((value, node) -> parts(value)
        .forEach(
            source -> leaveAsItIs(source.tensor, "the initial value of what node " + node + " changes")));
    graph.outputs.forEach(value -> sources(value).forEach(source -> {
      if (tensors.get(source.tensor).type().isFloat()) {
        leaveAsItIs(source.tensor, "an output of the model");
      }
    }));
  }

  /** Says why a constant is no weight; a value that is none is not of interest. */
  private void leaveAsItIs(String constant, String reason) {
    if (tensors.containsKey(constant)) {
      left.putIfAbsent(constant, reason);
    }
  }

  private void annotate(OnnxScope scope, GraphProto.Annotation annotation) {
    String value = scope.resolve(annotation.tensor());
    annotations.add(new Annotation(tensors.containsKey(value) ? value : annotation.tensor(),
        Stream.concat(Stream.of(annotation.tensor()), annotation.parameters().stream()).map(scope::resolve)
            .filter(tensors::containsKey).toList()));
  }

  private void collect(OnnxScope scope) {
    scopes.add(scope);
    scope.bodies.forEach(body -> collect(body.scope()));
  }

  private void name(OnnxScope scope, Map<String, Integer> times) {
    for (OnnxConstant constant : scope.constants) {
      StoredTensor tensor = constant.tensor();
      String name = tensor.name();
      // Parts of sparse tensors have names of our making, which the model may have too.
      boolean plain = times.get(name) == 1 || (scope.path.isEmpty() && constant.whole() == null);
      String unique = plain ? name : scope.path + name;
      while (tensors.containsKey(unique)) {
        unique = scope.path + name + "_" + numbers.merge(scope.path + name, 2, (last, two) -> last + 1);
      }
      String before = null;
      if (constant.whole() == null) {
        before = scope.names.put(name, unique); // as in ONNX Runtime, the last one of a name is it
      } else {
        sparse.computeIfAbsent(scope.names.get(constant.whole()), whole -> new ArrayList<>()).add(unique);
      }
      tensors.put(unique, new StoredTensor(unique, tensor.type(), tensor.shape(), tensor.data()));
      if (constant.opaque() != null) {
        opaque.put(unique, constant.opaque());
      }
      if (before != null) {
        leaveAsItIs(before, TWICE);
        leaveAsItIs(unique, TWICE);
      }
    }
    scope.inputs.forEach(name -> scope.names.putIfAbsent(name, scope.value(name)));
    scope.nodes.forEach(node -> node.outputs.stream().filter(name -> !name.isEmpty())
        .forEach(name -> scope.names.putIfAbsent(name, scope.value(name))));
  }

  private void alias(OnnxNode node) {
    if (node.isOpen()) {
      return;
    }
    switch (node.op) {
      case "Identity" -> {
        identities.put(node.output(), node.input(0));
        alias(node.output(), node.input(0));
      }
      case "Cast", "DequantizeLinear" -> alias(node.output(), node.input(0));
      case "Transpose" ->
        alias(node.output(), new Alias(node.input(0), new OnnxStep.Permuted(node.list("perm")), false));
      case "Slice", "Split" ->
        node.outputs.forEach(output -> alias(output, new Alias(node.input(0), null, true)));
      case "Concat" ->
        node.inputs.forEach(input -> alias(node.output(), new Alias(input, null, true)));
      case "Unsqueeze" -> {
        List<Integer> axes = node.inputs.size() > 1 ? integers(node.input(1)) : node.list("axes");
        if (axes != null) {
          alias(node.output(), new Alias(node.input(0), new OnnxStep.Unsqueezed(axes), true));
        }
      }
      default -> {
        // computes something, or is a branch or a call
      }
    }
  }

  /**
   * The integers of a constant, each as the nearest int; null where it is none, or no short vector of
   * integers.
   */
  private List<Integer> integers(String value) {
    StoredTensor tensor = tensors.get(value);
    return tensor != null && tensor.type() == StoredType.I64 && tensor.shape().elements() <= MAX_AXES
        ? LongStream.range(0, tensor.shape().elements()).map(tensor::integer)
            .mapToObj(number -> Math.clamp(number, Integer.MIN_VALUE, Integer.MAX_VALUE)).toList()
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
    switch (node.op) {
      case "If" -> leave(body.scope(), node, 0, node.outputs.size());
      // Its inputs begin with a count and a condition, the body's results with a condition.
      case "Loop" -> carry(body.scope(), node, 2, count - 2, 1);
      case "Scan" -> {
        boolean known = !node.isOpen() && body.scope().inputs.size() == count;
        int scanned = known ? Math.clamp(node.integer("num_scan_inputs", count), 0, count) : 0;
        // Inputs that are cut along an axis have one axis less inside.
        carry(body.scope(), node, 0, count - scanned, 0);
      }
      default -> {
        // no node whose body is known
      }
    }
  }

  /**
   * Follows the values that a body takes and gives back. One that it gives back as it came is the same
   * outside and inside; of all others only the first iteration has the initial value.
   *
   * @param first the first of them among the inputs, of the node and of the body
   * @param count how many
   * @param skip the body's results before the first of them
   */
  private void carry(OnnxScope scope, OnnxNode node, int first, int count, int skip) {
    for (int i = 0; i < count; i++) {
      String outside = node.input(first + i);
      String inside = first + i < scope.inputs.size() ? scope.resolve(scope.inputs.get(first + i)) : "";
      String result = skip + i < scope.outputs.size() ? scope.resolve(scope.outputs.get(skip + i)) : "";
      if (!inside.isEmpty() && unchanged(result).equals(inside)) {
        alias(inside, outside);
      } else {
        states.put(outside, node.toString());
      }
    }
    leave(scope, node, skip, count);
  }

  /** What a value is the same as. */
  private String unchanged(String value) {
    String result = value;
    for (int i = 0; i < identities.size() && identities.containsKey(result); i++) {
      result = identities.get(result);
    }
    return result;
  }

  private void bind(List<String> inside, OnnxScope scope, List<String> outside, int from, int to) {
    for (int i = from; i < Math.min(to, inside.size()); i++) {
      alias(scope.resolve(inside.get(i)), outside.get(i));
    }
  }

  /** Makes results of a graph, after some that are skipped, those of a node. */
  private void leave(OnnxScope scope, OnnxNode node, int skip, int count) {
    for (int i = 0; i < Math.min(count, node.outputs.size()) && i + skip < scope.outputs.size(); i++) {
      alias(node.outputs.get(i), scope.resolve(scope.outputs.get(i + skip)));
    }
  }

  /** Whether the graphs took more steps than are followed: what was found is not all. */
  boolean isExhausted() {
    return exhausted;
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
    Set<Source> found = new LinkedHashSet<>();
    Map<String, Integer> visits = new HashMap<>();
    Set<Source> seen = new HashSet<>();
    List<Source> open = new ArrayList<>(List.of(new Source(value, List.of())));
    while (!open.isEmpty() && !exhausted) {
      Source at = open.removeLast();
      steps += 1 + at.steps.size();
      exhausted = steps > MAX_STEPS;
      if (tensors.containsKey(at.tensor)) {
        found.add(at);
        continue;
      }
      for (Alias alias : aliases.getOrDefault(at.tensor, List.of()).reversed()) {
        if (alias.part && !parts) {
          continue;
        }
        List<OnnxStep> way = new ArrayList<>(at.steps);
        if (alias.step != null) {
          way.add(alias.step);
        }
        Source next = new Source(alias.source, way);
        if (seen.add(next) && visits.merge(alias.source, 1, Integer::sum) <= MAX_VISITS) {
          open.add(next);
        }
      }
    }
    return exhausted ? List.of() : List.copyOf(found);
  }
}
