package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.FloatChain;
import dev.octet.onnx.internal.op.FloatLink;
import dev.octet.onnx.value.ElementType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Nodes that compute float by float, all of one shape, become one where others read only the last result:
 * arithmetic with numbers, one or one of each channel, and with each other, bounds, and functions of a float.
 * Shapes need not be known: two values have one shape where both were made of a third by such nodes.
 */
public final class FloatChains implements Pass {
  private static final int LONGEST = 64;

  /** By value: the value that it has the shape of, as links made it; itself where it is not here. */
  private final IdentityHashMap<Value, Value> shapes = new IdentityHashMap<>();
  private final IdentityHashMap<Node, Integer> links = new IdentityHashMap<>();
  private final Set<Node> taken = Collections.newSetFromMap(new IdentityHashMap<>());

  @Override
  public int apply(Graph graph) {
    int place = 0;
    for (Node node : graph.nodes()) {
      Value shape = shape(node);
      if (shape != null) {
        shapes.put(node.output(), shape);
        links.put(node, place);
      }
      place++;
    }
    int count = 0;
    for (Node node : graph.nodes().reversed()) {
      if (links.containsKey(node) && !taken.contains(node)) {
        List<Node> chain = chain(graph, node);
        if (chain.size() > 1) {
          replace(graph, chain);
          count++;
        }
      }
    }
    return count;
  }

  /** The value that a node's result has the shape of; null where the node is no link. */
  private Value shape(Node node) {
    List<Known> inputs = new ArrayList<>();
    node.inputs().forEach(input -> inputs.add(input == null ? null : input.known()));
    if (node.outputs().size() != 1 || node.output().known().type() != ElementType.F32
        || !FloatLink.isLink(node.op(), inputs)) {
      return null;
    }
    Value shape = null;
    for (Value input : node.inputs()) {
      if (input != null && !input.isConstant()) {
        Value its = shapes.getOrDefault(input, input);
        if (shape != null && shape != its) {
          return null;
        }
        shape = its;
      }
    }
    if (shape == null || !shape.known().hasRank()) {
      return null;
    }
    for (Value input : node.inputs()) {
      if (input != null && input.isConstant() && numbers(input, shape.known(), node) == null) {
        return null;
      }
    }
    return shape;
  }

  /** The numbers that a constant is: one, or of arithmetic one for each channel; null where it is else. */
  private static float[] numbers(Value value, Known shape, Node node) {
    boolean byChannel = node.inputs().size() == 2 && !isOfNumbers(node);
    Known numbers = Match.channels(value, byChannel && shape.rank() > 1 ? shape.dims()[1] : 1, shape.rank());
    return numbers == null ? null : Elements.floats(numbers);
  }

  /** Whether the constants of a node are one number each. */
  private static boolean isOfNumbers(Node node) {
    return Set.of("Clip", "Max", "Min", "Pow").contains(node.op().type());
  }

  /** A node and those before it whose results nodes of the chain alone read, in order. */
  private List<Node> chain(Graph graph, Node last) {
    Set<Node> chain = Collections.newSetFromMap(new IdentityHashMap<>());
    Value shape = shapes.get(last.output());
    PriorityQueue<Node> open = new PriorityQueue<>(Comparator.comparingInt((Node node) -> -links.get(node)));
    open.add(last);
    while (!open.isEmpty() && chain.size() < LONGEST) {
      Node node = open.remove();
      if (chain.contains(node) || (node != last
          && (graph.isOutput(node.output()) || !chain.containsAll(graph.consumers(node.output()))))) {
        continue;
      }
      chain.add(node);
      for (Value input : node.inputs()) {
        Node maker = input == null ? null : input.producer();
        if (maker != null && links.containsKey(maker) && shapes.get(maker.output()) == shape) {
          open.add(maker);
        }
      }
    }
    taken.addAll(chain);
    List<Node> nodes = new ArrayList<>(chain);
    nodes.sort(Comparator.comparingInt(links::get));
    return nodes;
  }

  private void replace(Graph graph, List<Node> chain) {
    Set<Value> made = Collections.newSetFromMap(new IdentityHashMap<>());
    chain.forEach(node -> made.add(node.output()));
    List<Value> inputs = new ArrayList<>();
    IdentityHashMap<Value, Integer> uses = new IdentityHashMap<>();
    IdentityHashMap<Value, Integer> slots = new IdentityHashMap<>();
    for (Node node : chain) {
      for (Value input : node.inputs()) {
        if (input != null && !input.isConstant()) {
          if (uses.merge(input, 1, Integer::sum) == 1 && !made.contains(input)) {
            slots.put(input, inputs.size());
            inputs.add(input);
          }
        }
      }
    }
    Deque<Integer> free = new ArrayDeque<>();
    int count = inputs.size();
    List<FloatLink> result = new ArrayList<>();
    for (Node node : chain) {
      int to = free.isEmpty() ? count++ : free.pop();
      result.add(link(node, slots, to));
      slots.put(node.output(), to);
      for (Value input : node.inputs()) {
        if (input != null && !input.isConstant() && uses.merge(input, -1, Integer::sum) == 0) {
          free.push(slots.get(input));
        }
      }
    }
    Node last = chain.getLast();
    graph.replace(chain, last, new Node(last.name(), new FloatChain(inputs.size(), result, count), inputs,
        List.of(last.output()), chain));
  }

  private FloatLink link(Node node, IdentityHashMap<Value, Integer> slots, int to) {
    Known shape = shapes.get(node.output()).known();
    int[] from = new int[node.inputs().size()];
    List<float[]> numbers = new ArrayList<>();
    for (int i = 0; i < from.length; i++) {
      Value input = node.input(i);
      boolean constant = input != null && input.isConstant();
      from[i] = input == null || constant ? -1 : slots.get(input);
      numbers.add(constant ? numbers(input, shape, node) : null);
    }
    return FloatLink.of(node.op(), from, numbers, to);
  }
}
