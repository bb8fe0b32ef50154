package dev.octet.onnx.internal.write;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.ElementType;
import dev.octet.quantize.proto.AttributeProto;
import dev.octet.quantize.proto.ModelProto;
import dev.octet.quantize.proto.NodeProto;
import dev.octet.quantize.proto.ProtoWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Raises a model to a newer opset, up to 13. Of the operators that this module runs these changed from opset
 * 9 on: with 10 Slice, with 11 Clip and Pad, with 13 Squeeze, Unsqueeze, ReduceSum and Split take as inputs
 * what were attributes; with 13 Softmax and LogSoftmax are along one axis, which for the last one they were
 * before. Resize of opset 10 is another operator.
 */
public final class Opsets {
  /** The first version with DynamicQuantizeLinear. */
  public static final long DYNAMIC = 11;
  /** The first version whose DequantizeLinear has a scale for each channel. */
  public static final long PER_CHANNEL = 13;

  private static final int SLICE = 10;
  private static final int INPUTS = 11;

  private final GraphEditor editor;
  private final long from;
  private final long to;
  private final Map<String, Known> values = new HashMap<>();

  private Opsets(GraphEditor editor, ModelProto model, Graph graph, long to) {
    this.editor = editor;
    this.from = model.opsets().get("");
    this.to = to;
    graph.nodes().stream().flatMap(node -> Stream.concat(node.inputs().stream(), node.outputs().stream()))
        .filter(Objects::nonNull).forEach(value -> values.put(value.name(), value.known()));
  }

  /**
   * Raises a model.
   *
   * @param file the file
   * @param model what it holds, of an older opset
   * @param graph what is known of its values
   * @param to the opset
   * @return the changed file
   * @throws UnsupportedOperationException naming the nodes whose operators changed otherwise
   */
  public static ProtoWriter raise(MemorySegment file, ModelProto model, Graph graph, long to) {
    GraphEditor editor = new GraphEditor(file, model);
    Opsets raising = new Opsets(editor, model, graph, to);
    List<String> changed = new ArrayList<>();
    for (int i = 0; i < model.graph().nodes().size(); i++) {
      NodeProto node = model.graph().nodes().get(i);
      if (!raising.raise(i, node)) {
        changed.add(node.name() + " (" + node.type() + ")");
      }
    }
    if (!changed.isEmpty()) {
      throw new UnsupportedOperationException("opset " + raising.from + ": quantizing needs opset " + to
          + ", where these nodes are something else: " + String.join(", ", changed));
    }
    editor.opset(to);
    return editor.file();
  }

  private boolean passes(long version) {
    return from < version && to >= version;
  }

  /** Raises a node; false where that is not possible. */
  private boolean raise(int index, NodeProto node) {
    if (node.attributes().values().stream().anyMatch(AttributeProto::hasGraph)) {
      return false;
    }
    switch (node.type()) {
      case "Slice" -> move(index, node, passes(SLICE), "starts", "ends", "axes");
      case "Clip" -> move(index, node, passes(INPUTS), "min", "max");
      case "Pad" -> move(index, node, passes(INPUTS), "pads", "value");
      case "Squeeze", "Unsqueeze", "ReduceSum" -> move(index, node, passes(PER_CHANNEL), "axes");
      case "Split" -> move(index, node, passes(PER_CHANNEL), "split");
      case "Softmax", "LogSoftmax" -> {
        return !passes(PER_CHANNEL) || isLast(node);
      }
      case "Resize" -> {
        return !passes(INPUTS);
      }
      default -> {
        // the same in all these versions
      }
    }
    return true;
  }

  /** Makes inputs of attributes. */
  private void move(int index, NodeProto node, boolean changes, String... attributes) {
    if (!changes) {
      return;
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    for (String name : attributes) {
      AttributeProto attribute = node.attributes().get(name);
      if (attribute == null || (attribute.real() == null && attribute.integers().length == 0)) {
        inputs.add("");
        continue;
      }
      String wish = editor.fresh(node.outputs().getFirst() + "_" + name);
      inputs.add(editor.add(attribute.real() == null
          ? integers(wish, attribute.integers())
          : NewTensor.floats(wish, new float[]{attribute.real()})));
    }
    while (inputs.getLast().isEmpty()) {
      inputs.removeLast();
    }
    editor.replace(index, editor.changed(index, inputs, node.outputs(), Set.of(attributes)));
  }

  private static NewTensor integers(String name, long[] numbers) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[Long.BYTES * numbers.length]);
    MemorySegment.copy(numbers, 0, bytes, ValueLayout.JAVA_LONG_UNALIGNED, 0, numbers.length);
    return new NewTensor(name, ElementType.I64, new long[]{numbers.length}, bytes);
  }

  /** Whether a softmax is along the last axis, where nothing changed. */
  private boolean isLast(NodeProto node) {
    AttributeProto attribute = node.attributes().get("axis");
    long axis = attribute == null || attribute.integer() == null ? 1 : attribute.integer();
    Known known = values.get(node.inputs().getFirst());
    return axis == -1 || (known != null && known.hasRank() && axis == known.rank() - 1);
  }
}
