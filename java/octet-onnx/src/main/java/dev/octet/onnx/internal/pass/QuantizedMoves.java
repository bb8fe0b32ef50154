package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.ByteResize;
import dev.octet.onnx.internal.op.ChannelsFirst;
import dev.octet.onnx.internal.op.Pad;
import dev.octet.onnx.internal.op.Pool;
import dev.octet.onnx.internal.op.Quantized;
import dev.octet.onnx.internal.op.QuantizedPool;
import dev.octet.onnx.internal.op.Resize;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Nodes that only move floats which DequantizeLinear makes move the integers instead, and DequantizeLinear
 * comes behind them: a quarter of the bytes is moved, and what follows finds the integers. Nodes that only
 * read a shape read that of the integers.
 */
public final class QuantizedMoves implements Pass {
  private static final Set<String> MOVES = Set.of("Flatten", "Gather", "Identity", "Reshape", "Slice",
      "Split", "Squeeze", "Transpose", "Unsqueeze");
  private static final Set<String> MEASURES = Set.of("Shape", "Size");

  @Override
  public int apply(Graph graph) {
    int count = Pass.each(graph, node -> rewrite(graph, node));
    graph.sweep();
    return count;
  }

  private static boolean rewrite(Graph graph, Node node) {
    Dequantized input = node.input(0) == null ? null : Dequantized.of(node.input(0));
    // Weights stay where products find them; a table is looked up before it is made floats.
    if (input == null || (input.integers().isConstant() && !node.op().type().equals("Gather"))
        || node.input(0).isConstant()) {
      return false;
    }
    if (MEASURES.contains(node.op().type())) {
      graph.replace(List.of(node), node,
          new Node(node.name(), node.op(), List.of(input.integers()), node.outputs(), List.of(node)));
      return true;
    }
    List<Value> inputs = new ArrayList<>(List.of(input.integers()));
    Op op = images(node, input.quantized());
    if (op == null) {
      inputs.addAll(node.inputs().subList(1, node.inputs().size()));
      op = moves(node, input.quantized(), inputs) ? node.op() : null;
    }
    if (op != null) {
      replace(graph, node, input, op, inputs);
    }
    return op != null;
  }

  private static void replace(Graph graph, Node node, Dequantized input, Op op, List<Value> inputs) {
    List<Known> moved = op.infer(known(inputs));
    List<Value> outputs = new ArrayList<>();
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < node.outputs().size(); i++) {
      Value output = node.outputs().get(i);
      outputs.add(output == null ? null : new Value(output.name(), moved.get(i)));
    }
    nodes.add(new Node(node.name(), op, inputs, outputs, List.of(node)));
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i) != null) {
        List<Value> parameters = new ArrayList<>(input.node().inputs());
        parameters.set(0, outputs.get(i));
        nodes.add(new Node(input.node().name(), input.node().op(), parameters,
            List.of(node.outputs().get(i)), List.of(input.node())));
      }
    }
    graph.replace(List.of(node), node, nodes.toArray(Node[]::new));
  }

  private static List<Known> known(List<Value> values) {
    List<Known> known = new ArrayList<>();
    values.forEach(value -> known.add(value == null ? null : value.known()));
    return known;
  }

  /** What takes the largest or the nearest integers of images; null where a node does something else. */
  private static Op images(Node node, Quantized from) {
    Op images = switch (node.op()) {
      case Resize resize -> resize.linear() ? null : ByteResize.of(resize, known(node.inputs()));
      case Pool pool -> node.outputs().size() == 1 && pool.max()
          ? QuantizedPool.of(pool, node.input(0).known(), from, from)
          : null;
      default -> null;
    };
    return images == null ? null : new ChannelsFirst(images);
  }

  /** Whether a node moves integers as it is, with inputs that may become others. */
  private static boolean moves(Node node, Quantized from, List<Value> inputs) {
    return MOVES.contains(node.op().type())
        || (node.op() instanceof Pad pad && pads(pad, node, from, inputs));
  }

  /** Whether an integer stands for the number that is added, which becomes an input. */
  private static boolean pads(Pad pad, Node node, Quantized from, List<Value> inputs) {
    if (!pad.byInputs()) {
      return false;
    }
    Value number = node.input(2);
    if (!pad.addsNumber()) {
      return number == null;
    }
    if (number != null && !Match.isNumber(number)) {
      return false;
    }
    float real = number == null ? 0 : Match.number(number);
    if (!from.holds(real)) {
      return false;
    }
    MemorySegment data = MemorySegment.ofArray(new byte[1]);
    data.set(Elements.BYTE, 0, (byte) (int) from.integer(real));
    while (inputs.size() < 3) {
      inputs.add(null);
    }
    inputs.set(2, new Value(node.name(), new Known(from.type(), new long[0], data)));
    return true;
  }
}
