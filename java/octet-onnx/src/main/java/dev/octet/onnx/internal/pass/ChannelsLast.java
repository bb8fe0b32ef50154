package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.ChannelsFirst;
import dev.octet.onnx.internal.op.Identity;
import dev.octet.onnx.internal.op.QuantizedBinary;
import dev.octet.onnx.internal.op.QuantizedConcat;
import dev.octet.onnx.internal.op.QuantizedFunction;
import dev.octet.onnx.internal.op.TransposeChannels;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Images of 8 bits keep their channels last between the nodes of integers that want them so: they are
 * transposed where they come in and where they go out, and nodes that work element by element in between take
 * them as they are.
 */
public final class ChannelsLast implements Pass {
  private static final Op LAST = new TransposeChannels(true);
  private static final Op FIRST = new TransposeChannels(false);

  /** By value: the same images with channels last. */
  private final IdentityHashMap<Value, Value> twins = new IdentityHashMap<>();

  @Override
  public int apply(Graph graph) {
    int count = Pass.each(graph, node -> rewrite(graph, node));
    graph.sweep();
    return count;
  }

  /** What a node does with channels last that works element by element, if operands are there; else null. */
  private Op elements(Node node) {
    return node.inputs().stream().noneMatch(twins::containsKey) ? null : switch (node.op()) {
      case QuantizedFunction function -> function;
      case Identity identity -> identity;
      case QuantizedBinary binary -> ranks(node) ? binary : null;
      case QuantizedConcat concat -> ranks(node) ? concat.channelsLast(rank(node.input(0))) : null;
      default -> null;
    };
  }

  private static int rank(Value value) {
    return value.known().hasRank() ? value.known().rank() : -1;
  }

  /** Whether all operands are images. */
  private static boolean ranks(Node node) {
    int rank = rank(node.input(0));
    return (rank == 3 || rank == 4) && node.inputs().stream().allMatch(input -> rank(input) == rank);
  }

  private boolean rewrite(Graph graph, Node node) {
    Op op = node.op() instanceof ChannelsFirst images ? images.op() : elements(node);
    if (op == null) {
      return false;
    }
    List<Node> nodes = new ArrayList<>();
    List<Value> inputs = new ArrayList<>();
    for (Value input : node.inputs()) {
      Value twin = twins.get(input);
      if (twin == null) {
        twin = value(input.name(), LAST, input);
        twins.put(input, twin);
        nodes.add(new Node(node.name(), LAST, List.of(input), List.of(twin), List.of()));
      }
      inputs.add(twin);
    }
    Value result = value(node.output().name(), op, inputs.toArray(Value[]::new));
    nodes.add(new Node(node.name(), op, inputs, List.of(result), List.of(node)));
    twins.put(node.output(), result);
    nodes.add(new Node(node.name(), FIRST, List.of(result), List.of(node.output()), List.of()));
    graph.replace(List.of(node), node, nodes.toArray(Node[]::new));
    return true;
  }

  private static Value value(String name, Op op, Value... inputs) {
    List<Known> known = new ArrayList<>();
    for (Value input : inputs) {
      known.add(input.known());
    }
    return new Value(name, op.infer(known).getFirst());
  }
}
