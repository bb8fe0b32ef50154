package dev.octet.onnx.internal.plan;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Which nodes are run, which values have memory of their own, and from which step to which. A view has the
 * memory of what it is a view of, its root; an output of the graph has the caller's.
 */
final class Lifetimes {
  private final List<Node> steps = new ArrayList<>();
  private final IdentityHashMap<Value, Value> views = new IdentityHashMap<>();
  private final IdentityHashMap<Value, Integer> inputs = new IdentityHashMap<>();
  /** Roots that are written into an output of the caller. */
  private final IdentityHashMap<Value, Integer> outputs = new IdentityHashMap<>();
  /** By output: the value that is copied into it; null where a step writes it. */
  private final List<Value> copied = new ArrayList<>();
  private final IdentityHashMap<Node, List<Value>> born = new IdentityHashMap<>();
  private final IdentityHashMap<Node, List<Value>> dead = new IdentityHashMap<>();

  Lifetimes(Graph graph, IdentityHashMap<Value, Known> known) {
    for (int i = 0; i < graph.inputs().size(); i++) {
      inputs.put(graph.inputs().get(i), i);
    }
    choose(graph, known);
    for (int i = 0; i < graph.outputs().size(); i++) {
      Value value = graph.outputs().get(i);
      Value root = root(value);
      boolean written = !isConstant(value, known) && !inputs.containsKey(root)
          && outputs.putIfAbsent(root, i) == null;
      copied.add(written ? null : value);
    }
    IdentityHashMap<Value, Node> last = new IdentityHashMap<>();
    for (Node node : steps) {
      List<Value> own = new ArrayList<>();
      node.outputs().stream().filter(Objects::nonNull)
          .filter(value -> !outputs.containsKey(value) && !isConstant(value, known)).forEach(own::add);
      born.put(node, own);
      own.forEach(value -> last.put(value, node));
      for (Value input : node.inputs()) {
        if (input != null && last.containsKey(root(input))) {
          last.put(root(input), node);
        }
      }
    }
    last.forEach((value, node) -> dead.computeIfAbsent(node, n -> new ArrayList<>()).add(value));
  }

  /** Nodes that are needed and not known before the run; views are none. */
  private void choose(Graph graph, IdentityHashMap<Value, Known> known) {
    Set<Value> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    needed.addAll(graph.outputs());
    for (Node node : graph.nodes().reversed()) {
      boolean runs = node.outputs().stream()
          .anyMatch(value -> value != null && needed.contains(value) && !isConstant(value, known));
      if (!runs) {
        continue;
      }
      if (node.op().isView()) {
        views.put(node.output(), node.input(0));
        needed.add(node.input(0));
      } else {
        steps.addFirst(node);
        node.inputs().stream().filter(Objects::nonNull).forEach(needed::add);
      }
    }
  }

  private static boolean isConstant(Value value, IdentityHashMap<Value, Known> known) {
    return known.getOrDefault(value, value.known()).isConstant();
  }

  /** The nodes that are run, in order. */
  List<Node> steps() {
    return steps;
  }

  /** The value whose memory a value has. */
  Value root(Value value) {
    Value at = value;
    while (views.containsKey(at)) {
      at = views.get(at);
    }
    return at;
  }

  /** Which input of the graph a root is; -1 if none. */
  int inputOf(Value root) {
    return inputs.getOrDefault(root, -1);
  }

  /** Which output of the graph a root is written into; -1 if none. */
  int outputOf(Value root) {
    return outputs.getOrDefault(root, -1);
  }

  /** The value that is copied into an output when all steps are done; null where a step writes it. */
  Value copied(int output) {
    return copied.get(output);
  }

  /** The outputs of a step that have memory of their own. */
  List<Value> bornAt(Node step) {
    return born.get(step);
  }

  /** The values that nobody reads after a step. */
  List<Value> deadAfter(Node step) {
    return dead.getOrDefault(step, List.of());
  }
}
