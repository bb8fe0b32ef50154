package dev.octet.onnx.internal.plan;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Scratch;
import dev.octet.onnx.internal.graph.Step;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** What is known of the values of a graph: before any run, or in runs with one set of shapes. */
public final class Inference {
  /**
   * Nodes of constants are computed once where that makes no large constants of small ones: up to so many
   * bytes, or no more than the constants they are made of.
   */
  private static final long SMALL = 1 << 16;

  private Inference() {}

  /**
   * Finds out what is known whatever the model is run with, and computes nodes of constants.
   *
   * @param graph whose values learn it
   * @param octet prepares what is computed
   * @throws IllegalArgumentException naming the node whose inputs do not fit it
   * @throws UnsupportedOperationException naming the node that is not offered so
   */
  public static void learn(Graph graph, Octet octet) {
    for (Node node : graph.nodes()) {
      List<Known> inputs = known(node, Value::known);
      List<Known> outputs = outputs(node, inputs);
      if (isFoldable(node, inputs, outputs)) {
        try (Kernel kernel = NodeErrors.at(node, () -> node.op().kernel(octet, inputs))) {
          outputs = computed(node, kernel, inputs, outputs);
        }
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        if (node.outputs().get(i) != null) {
          node.outputs().get(i).learn(outputs.get(i));
        }
      }
    }
    graph.sweep();
  }

  /**
   * Finds out what is known in runs with inputs of some shapes.
   *
   * @param graph the graph
   * @param kernels of its nodes
   * @param inputs of the graph, in its order, all shaped
   * @return of every value
   * @throws IllegalArgumentException naming the node whose inputs do not fit it
   * @throws UnsupportedOperationException naming the node that is not offered so, as one whose shape depends
   *         on elements of inputs
   */
  static IdentityHashMap<Value, Known> ofRun(Graph graph, Kernels kernels, List<Known> inputs) {
    return of(graph, inputs, (node, in, out) -> {
      for (Known output : out) {
        if (!output.isShaped()) {
          throw new UnsupportedOperationException(node
              + ": a shape that depends on the elements of inputs is not offered, got " + output);
        }
      }
      return isFoldable(node, in, out) ? computed(node, kernels.of(node), in, out) : out;
    });
  }

  /**
   * Finds out what is known of a graph that is not prepared yet, or not for these inputs. Of the nodes of
   * constants those are computed that make shapes and conditions, which no engine does.
   *
   * @param graph the graph
   * @param inputs of the graph, in its order
   * @return of every value
   * @throws IllegalArgumentException naming the node whose inputs do not fit it
   * @throws UnsupportedOperationException naming the node that is not offered so
   */
  static IdentityHashMap<Value, Known> ofShapes(Graph graph, List<Known> inputs) {
    return of(graph, inputs, (node, in, out) -> {
      boolean shapes = out.stream().allMatch(
          output -> output.type() == ElementType.I64 || output.type() == ElementType.BOOL);
      return shapes && !(node.op() instanceof If) && isFoldable(node, in, out)
          ? computed(node, NodeErrors.at(node, () -> node.op().kernel((Octet) null, in)), in, out)
          : out;
    });
  }

  /** What is made of the outputs of a node that are inferred. */
  @FunctionalInterface
  private interface Fold {
    List<Known> of(Node node, List<Known> in, List<Known> out);
  }

  private static IdentityHashMap<Value, Known> of(Graph graph, List<Known> inputs, Fold fold) {
    IdentityHashMap<Value, Known> known = new IdentityHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      known.put(graph.inputs().get(i), inputs.get(i));
    }
    for (Node node : graph.nodes()) {
      List<Known> in = known(node, value -> known.getOrDefault(value, value.known()));
      List<Known> out = fold.of(node, in, outputs(node, in));
      for (int i = 0; i < node.outputs().size(); i++) {
        if (node.outputs().get(i) != null) {
          known.put(node.outputs().get(i), out.get(i));
        }
      }
    }
    return known;
  }

  private static List<Known> known(Node node, Function<Value, Known> of) {
    List<Known> result = new ArrayList<>();
    for (Value input : node.inputs()) {
      Known known = input == null ? null : of.apply(input);
      if (known != null && known.type() == ElementType.OTHER) {
        throw new UnsupportedOperationException(
            node + ": input " + input.name() + " has an element type that is not offered");
      }
      result.add(known);
    }
    return result;
  }

  private static List<Known> outputs(Node node, List<Known> inputs) {
    List<Known> outputs = NodeErrors.at(node, () -> node.op().infer(inputs));
    if (node.outputs().size() > outputs.size()) {
      throw new IllegalArgumentException(
          node + ": expected at most " + outputs.size() + " outputs, got " + node.outputs().size());
    }
    return outputs;
  }

  /** Whether all inputs are constants, and the outputs are not yet. */
  private static boolean isFoldable(Node node, List<Known> inputs, List<Known> outputs) {
    if (inputs.isEmpty() || outputs.stream().allMatch(Known::isConstant)
        || !inputs.stream().allMatch(input -> input == null || input.isConstant())
        || !outputs.stream().allMatch(Known::isShaped)) {
      return false;
    }
    long from = node.inputs().stream().filter(Objects::nonNull).distinct()
        .mapToLong(value -> value.isConstant() ? value.known().bytes() : 0).sum();
    long to = outputs.stream().mapToLong(Known::bytes).sum();
    return to <= Math.max(SMALL, from);
  }

  private static List<Known> computed(Node node, Kernel kernel, List<Known> inputs, List<Known> outputs) {
    return NodeErrors.at(node, () -> {
      Scratch scratch = new Scratch();
      List<Known> result = new ArrayList<>();
      MemorySegment[] out = new MemorySegment[outputs.size()];
      for (int i = 0; i < out.length; i++) {
        Known output = outputs.get(i);
        out[i] = Arena.ofAuto().allocate(Math.max(1, output.bytes()), 64).asSlice(0, output.bytes());
        result.add(new Known(output.type(), output.dims(), out[i].asReadOnly()));
      }
      if (outputs.stream().allMatch(output -> output.elements() == 0)) {
        return result;
      }
      Step step = kernel.plan(inputs, outputs);
      MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, step.scratchBytes()), 64);
      scratch.memory(memory, Scratch.parts(memory, step));
      step.run(
          inputs.stream().map(input -> input == null ? null : input.data()).toArray(MemorySegment[]::new),
          out, scratch);
      return result;
    });
  }
}
