package dev.octet.onnx.internal.plan;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Kernel;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.packs.ConstantMemory;
import dev.octet.onnx.internal.packs.Packs;
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
  private final ConstantMemory copies = new ConstantMemory();

  private Kernels() {}

  /**
   * Prepares all nodes.
   *
   * @param graph whose constants become copies, or are forgotten where no kernel reads them
   * @param packs has the Octet whose engines are chosen from, and where packed weights lie
   * @throws IllegalArgumentException naming the node whose constants do not fit it
   * @throws UnsupportedOperationException naming the node that no engine offers
   */
  public static Kernels prepare(Graph graph, Packs packs) {
    Kernels result = new Kernels();
    try {
      for (Node node : graph.nodes()) {
        List<Known> inputs = node.inputs().stream().map(value -> value == null ? null : value.known())
            .collect(Collectors.toCollection(ArrayList::new));
        result.kernels.put(node, NodeErrors.at(node, () -> node.op().kernel(packs, inputs)));
      }
      result.keepConstants(graph, packs);
      return result;
    } catch (Throwable e) {
      result.close();
      throw e;
    }
  }

  private void keepConstants(Graph graph, Packs packs) {
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
      value.learn(
          new Known(known.type(), known.dims(),
              read.contains(value) ? packs.copy(elements(known), copies) : null));
    });
  }

  private static MemorySegment elements(Known constant) {
    return constant.data().asSlice(0, constant.bytes());
  }

  /** The kernel of a node. */
  public Kernel of(Node node) {
    return kernels.get(node);
  }

  @Override
  public void close() {
    kernels.values().forEach(Kernel::close);
    copies.close();
  }
}
