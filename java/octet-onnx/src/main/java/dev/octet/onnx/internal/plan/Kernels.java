package dev.octet.onnx.internal.plan;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** The kernels of a graph, and a copy of the constants that they read: the file is not needed any more. */
public final class Kernels implements AutoCloseable {
  private final IdentityHashMap<Node, Kernel> kernels = new IdentityHashMap<>();

  private Kernels() {}

  /**
   * Prepares all nodes.
   *
   * @param graph whose constants become copies, or are forgotten where no kernel reads them
   * @param octet whose engines are chosen from
   * @throws IllegalArgumentException naming the node whose constants do not fit it
   * @throws UnsupportedOperationException naming the node that no engine offers
   */
  public static Kernels prepare(Graph graph, Octet octet) {
    Kernels result = new Kernels();
    try {
      for (Node node : graph.nodes()) {
        List<Known> inputs = node.inputs().stream().map(value -> value == null ? null : value.known())
            .collect(Collectors.toCollection(ArrayList::new));
        result.kernels.put(node, NodeErrors.at(node, () -> node.op().kernel(octet, inputs)));
      }
      result.keepConstants(graph);
      return result;
    } catch (Throwable e) {
      result.close();
      throw e;
    }
  }

  private void keepConstants(Graph graph) {
    Set<Value> read = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<Value> constants = Collections.newSetFromMap(new IdentityHashMap<>());
    read.addAll(graph.outputs());
    constants.addAll(graph.outputs());
    for (Node node : graph.nodes()) {
      for (Node origin : node.origins()) {
        origin.inputs().stream().filter(Objects::nonNull).forEach(constants::add);
      }
      for (int i = 0; i < node.inputs().size(); i++) {
        if (node.inputs().get(i) != null) {
          constants.add(node.inputs().get(i));
          if (kernels.get(node).reads(i)) {
            read.add(node.inputs().get(i));
          }
        }
      }
    }
    constants.stream().filter(Value::isConstant).forEach(value -> {
      Known known = value.known();
      value.learn(new Known(known.type(), known.dims(), read.contains(value) ? copy(known) : null));
    });
  }

  private static MemorySegment copy(Known constant) {
    long bytes = constant.bytes();
    return Arena.ofAuto().allocate(Math.max(1, bytes), 64).asSlice(0, bytes).copyFrom(constant.data())
        .asReadOnly();
  }

  /** The kernel of a node. */
  public Kernel of(Node node) {
    return kernels.get(node);
  }

  @Override
  public void close() {
    kernels.values().forEach(Kernel::close);
  }
}
