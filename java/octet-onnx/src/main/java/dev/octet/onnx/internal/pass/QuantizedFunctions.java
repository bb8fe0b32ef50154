package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Op;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.Identity;
import dev.octet.onnx.internal.op.Quantized;
import dev.octet.onnx.internal.op.QuantizedFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A function of each float between DequantizeLinear and QuantizeLinear becomes a table of the function of
 * each integer; DequantizeLinear and QuantizeLinear with nothing between them one of another scale and zero
 * point, or nothing where these are the same.
 */
public final class QuantizedFunctions implements Pass {
  @Override
  public int apply(Graph graph) {
    int count = Pass.each(graph, node -> rewrite(graph, node));
    graph.sweep();
    return count;
  }

  private static boolean rewrite(Graph graph, Node quantize) {
    Quantized to = Requantizing.quantized(quantize);
    if (to == null) {
      return false;
    }
    Value floats = quantize.input(0);
    Dequantized direct = Dequantized.of(floats);
    if (direct != null) {
      Op op = direct.quantized().equals(to)
          ? new Identity()
          : new QuantizedFunction(null, 0, List.of(), direct.quantized(), to);
      replace(graph, List.of(quantize), direct, op);
      return true;
    }
    Node function = floats.producer();
    if (function == null || graph.onlyConsumer(floats) != quantize || function.outputs().size() != 1) {
      return false;
    }
    int place = -1;
    List<Known> inputs = new ArrayList<>();
    for (int i = 0; i < function.inputs().size(); i++) {
      Value input = function.input(i);
      boolean constant = input != null && input.isConstant();
      if (input != null && !constant && place >= 0) {
        return false;
      }
      place = input == null || constant ? place : i;
      inputs.add(constant ? input.known() : null);
    }
    Dequantized input = place < 0 ? null : Dequantized.of(function.input(place));
    if (input == null || !QuantizedFunction.isFunction(function.op(), inputs)
        || !isSameShape(function.input(place), floats)) {
      return false;
    }
    replace(graph, List.of(function, quantize), input,
        new QuantizedFunction(function.op(), place, inputs, input.quantized(), to));
    return true;
  }

  /** Whether numbers that a function takes give its result no axis more. */
  private static boolean isSameShape(Value from, Value to) {
    return from.known().hasRank() && to.known().hasRank()
        && Arrays.equals(from.known().dims(), to.known().dims());
  }

  private static void replace(Graph graph, List<Node> old, Dequantized input, Op op) {
    List<Node> origins = new ArrayList<>(List.of(input.node()));
    origins.addAll(old);
    graph.replace(old, old.getLast(), new Node(old.getFirst().name(), op, List.of(input.integers()),
        List.of(old.getLast().output()), origins));
  }
}
