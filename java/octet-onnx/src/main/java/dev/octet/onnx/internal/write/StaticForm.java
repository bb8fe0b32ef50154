package dev.octet.onnx.internal.write;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantizer;
import dev.octet.Shape;
import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.pass.FloatLayer;
import dev.octet.onnx.value.ElementType;
import dev.octet.quantize.proto.ModelProto;
import dev.octet.quantize.proto.ProtoWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Writes static quantization as ONNX has it: operators of floats whose inputs come from DequantizeLinear and
 * whose results go to QuantizeLinear. Activations are U8 with one scale and zero point, weights S8 with a
 * scale of each out channel, a bias S32 with the scales of the sums.
 *
 * <p>
 * Beside products and convolutions these are operators between them whose operands are quantized anyway and
 * whose result another one reads, so that integers stay integers. A product whose result only others read
 * keeps it in floats; a convolution does not, as ONNX Runtime has none of integers with such results.
 */
public final class StaticForm {
  private static final Set<String> OF_ONE = Set.of("MaxPool", "AveragePool", "GlobalAveragePool", "Relu",
      "Clip", "Resize", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish");
  private static final Set<String> OF_ALL = Set.of("Add", "Mul", "Concat");
  /** Results have the range of the operand. */
  private static final Set<String> MOVING = Set.of("MaxPool", "Resize");
  /** An integer bias keeps away from the ends of its type. */
  private static final float LARGEST_BIAS = 0x1p30f;

  private final List<Part> parts;

  /**
   * A node that computes with integers.
   *
   * @param node it
   * @param layer with it; null where it is no product or convolution
   * @param activation Relu or Clip that alone reads its result, and makes it; null where there is none
   * @param isQuantized whether the result is quantized
   */
  private record Part(Node node, FloatLayer layer, Node activation, boolean isQuantized) {
    /** What of it is read by others. */
    Value result() {
      return activation != null ? activation.output() : own();
    }

    private Value own() {
      return layer == null ? node.output() : layer.output();
    }

    List<Value> operands() {
      return layer != null
          ? List.of(layer.input())
          : node.inputs().subList(0, OF_ALL.contains(node.op().type()) ? node.inputs().size() : 1);
    }

    List<Node> origins() {
      List<Node> origins = new ArrayList<>(layer == null ? node.origins() : layer.origins());
      if (activation != null) {
        origins.add(activation);
      }
      return origins;
    }

    /** The same with floats as its result: the activation is a node of its own. */
    Part unquantized() {
      return new Part(node, layer, null, false);
    }
  }

  private StaticForm(List<Part> parts) {
    this.parts = parts;
  }

  /**
   * Finds what is quantized.
   *
   * @param graph of floats
   * @param chosen whether a node of a name may be
   */
  public static StaticForm plan(Graph graph, Predicate<String> chosen) {
    IdentityHashMap<Node, FloatLayer> layers = new IdentityHashMap<>();
    Set<Value> quantized = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Node node : graph.nodes()) {
      FloatLayer layer = chosen.test(node.name()) ? FloatLayer.of(graph, node) : null;
      if (layer != null) {
        layers.put(node, layer);
        quantized.add(layer.input());
      }
    }
    Set<Node> taken = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Part> parts = new ArrayList<>();
    for (Node node : graph.nodes()) {
      FloatLayer layer = layers.get(node);
      if (taken.contains(node)
          || (layer == null && !(chosen.test(node.name()) && isBetween(node, quantized)))) {
        continue;
      }
      Part part = new Part(node, layer, null, true);
      Node activation = layer == null && !node.op().type().equals("Add") && !node.op().type().equals("Mul")
          ? null
          : activation(graph, part.own(), chosen);
      part = new Part(node, layer, activation, true);
      taken.addAll(part.origins());
      quantized.add(part.result());
      parts.add(part);
    }
    return new StaticForm(needed(graph, parts));
  }

  /** Whether a node is an operator between products whose operands are quantized. */
  private static boolean isBetween(Node node, Set<Value> quantized) {
    String type = node.op().type();
    boolean all = OF_ALL.contains(type);
    if ((!all && !OF_ONE.contains(type)) || node.outputs().size() != 1
        || node.output().known().type() != ElementType.F32
        || (type.equals("Clip") && !hasConstantBounds(node))) {
      return false;
    }
    List<Value> operands = node.inputs().subList(0, all ? node.inputs().size() : 1);
    return operands.stream()
        .allMatch(value -> value.isConstant() ? isFinite(value) : quantized.contains(value))
        && operands.stream().anyMatch(value -> !value.isConstant());
  }

  private static boolean isFinite(Value constant) {
    return constant.known().elements() > 0 && Elements.areFinite(Elements.floats(constant.known()));
  }

  private static boolean hasConstantBounds(Node clip) {
    return clip.inputs().stream().skip(1).allMatch(bound -> bound == null || bound.isConstant());
  }

  private static Node activation(Graph graph, Value result, Predicate<String> chosen) {
    Node reader = graph.onlyConsumer(result);
    boolean activates = reader != null && reader.input(0) == result && chosen.test(reader.name())
        && (reader.op().type().equals("Relu")
            || (reader.op().type().equals("Clip") && hasConstantBounds(reader)));
    return activates ? reader : null;
  }

  /** Leaves out operators whose result no other part reads, and leaves such results of products in floats. */
  private static List<Part> needed(Graph graph, List<Part> parts) {
    Set<Node> readers = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Part> needed = new ArrayList<>();
    for (Part part : parts.reversed()) {
      boolean isRead = graph.consumers(part.result()).stream().anyMatch(readers::contains);
      if (part.layer == null && !isRead) {
        continue;
      }
      readers.add(part.node);
      needed.add(isRead || part.layer.isConv() ? part : part.unquantized());
    }
    return needed.reversed();
  }

  /** The products and convolutions. */
  public List<FloatLayer> layers() {
    return parts.stream().filter(part -> part.layer != null).map(Part::layer).toList();
  }

  /** All nodes that compute with integers. */
  public List<Node> nodes() {
    return parts.stream().map(Part::node).toList();
  }

  /** The names of the values whose ranges are needed. */
  public Set<String> observed() {
    Set<String> names = new LinkedHashSet<>();
    for (Part part : parts) {
      part.operands().stream().filter(value -> !value.isConstant()).forEach(value -> names.add(value.name()));
      if (part.isQuantized) {
        names.add(part.result().name());
      }
    }
    return names;
  }

  /**
   * Writes the model.
   *
   * @param file the file
   * @param model what it holds, of opset {@link Opsets#PER_CHANNEL} or newer
   * @param ranges of all that is observed, U8
   * @return the changed file
   * @throws UnsupportedOperationException if the result is too large
   */
  public ProtoWriter write(MemorySegment file, ModelProto model, Map<String, Quantization> ranges) {
    GraphEditor editor = new GraphEditor(file, model);
    Map<String, Quantization> own = new HashMap<>(ranges);
    parts.stream().filter(part -> MOVING.contains(part.node.op().type()))
        .forEach(part -> own.put(part.result().name(), own.get(part.operands().getFirst().name())));
    Set<String> made = new LinkedHashSet<>();
    parts.stream().filter(Part::isQuantized).forEach(part -> made.add(part.result().name()));
    Writer writer = new Writer(editor, own, made);
    parts.stream().sorted(Comparator.comparingInt(part -> editor.place(part.origins())))
        .forEach(writer::write);
    return editor.file();
  }

  /**
   * Writes parts, in the order of the file.
   *
   * @param editor of the file
   * @param ranges of values
   * @param made the values that are quantized where they are made
   * @param read under which name parts read other values, and constants
   * @param parameters the names of the scale and zero point of each value
   */
  private record Writer(GraphEditor editor, Map<String, Quantization> ranges, Set<String> made,
      Map<String, String> read, Map<String, List<String>> parameters) {
    Writer(GraphEditor editor, Map<String, Quantization> ranges, Set<String> made) {
      this(editor, ranges, made, new HashMap<>(), new HashMap<>());
    }

    void write(Part part) {
      List<NewNode> nodes = new ArrayList<>();
      List<String> operands = part.operands().stream().map(value -> operand(value, nodes)).toList();
      String result = part.result().name();
      String floats = part.isQuantized ? editor.fresh(result + "_float") : result;
      String own = part.activation == null ? floats : part.own().name();
      if (part.layer != null) {
        layer(part.layer, operands.getFirst(), own, nodes);
      } else {
        List<String> inputs = new ArrayList<>(editor.proto(part.node).inputs());
        for (int i = 0; i < operands.size(); i++) {
          inputs.set(i, operands.get(i));
        }
        nodes.add(editor.changed(part.node, inputs, List.of(own)));
      }
      if (part.activation != null) {
        nodes.add(editor.changed(part.activation, editor.proto(part.activation).inputs(), List.of(floats)));
      }
      if (part.isQuantized) {
        pair(result, floats, result, nodes);
      }
      editor.replace(part.origins(), nodes);
    }

    /** The name under which an operand is read, once it is quantized. */
    private String operand(Value value, List<NewNode> nodes) {
      String name = value.name();
      if (value.isConstant()) {
        return read.computeIfAbsent(name, constant -> constant(value, nodes));
      }
      return made.contains(name) ? name : read.computeIfAbsent(name, floats -> {
        String dequantized = editor.fresh(name + "_dequantized");
        pair(name, name, dequantized, nodes);
        return dequantized;
      });
    }

    /** Adds QuantizeLinear and DequantizeLinear. */
    private void pair(String value, String from, String to, List<NewNode> nodes) {
      List<String> grid = parameters.computeIfAbsent(value, name -> {
        Quantization range = ranges.get(name);
        return List.of(
            editor.add(NewTensor.floats(editor.fresh(name + "_scale"), new float[]{range.scale(0)})),
            editor.add(NewTensor.bytes(editor.fresh(name + "_zero_point"), ElementType.U8,
                (byte) range.zeroPoint(0))));
      });
      String integers = editor.fresh(value + "_quantized");
      nodes.add(NewNode.of("QuantizeLinear", editor.fresh(value + "_quantize"),
          List.of(from, grid.get(0), grid.get(1)), List.of(integers)));
      nodes.add(NewNode.of("DequantizeLinear", editor.fresh(value + "_dequantize"),
          List.of(integers, grid.get(0), grid.get(1)), List.of(to)));
    }

    /** Quantizes a constant operand. */
    private String constant(Value value, List<NewNode> nodes) {
      Known known = value.known();
      QTensor integers = Quantizer.asymmetric(DataType.U8).quantize(known.data(), Shape.of(known.dims()));
      String name = value.name();
      String dequantized = editor.fresh(name + "_dequantized");
      nodes.add(NewNode.of("DequantizeLinear", editor.fresh(name + "_dequantize"), List.of(
          editor.add(new NewTensor(editor.fresh(name + "_quantized"), ElementType.U8, known.dims(),
              integers.data())),
          editor.add(NewTensor.floats(editor.fresh(name + "_scale"), integers.quantization().scales())),
          editor.add(NewTensor.bytes(editor.fresh(name + "_zero_point"), ElementType.U8,
              (byte) integers.quantization().zeroPoint(0)))),
          List.of(dequantized)));
      return dequantized;
    }

    private void layer(FloatLayer layer, String input, String result, List<NewNode> nodes) {
      String name = layer.node().name();
      Known weights = layer.weights();
      float scale = ranges.get(layer.input().name()).scale(0);
      boolean integerBias = layer.bias() != null && !layer.node().op().type().equals("MatMul");
      float[] scales = scales(layer, integerBias ? scale : 0);
      List<String> inputs = new ArrayList<>(List.of(input));
      String own = layer.node().input(1).name();
      inputs.add(dequantized(own, new NewTensor(editor.fresh(own + "_quantized"), ElementType.I8,
          weights.dims(), layer.integers(scales)), scales, layer.axis(), nodes));
      if (integerBias) {
        float[] units = new float[scales.length];
        byte[] sums = new byte[Integer.BYTES * units.length];
        for (int i = 0; i < units.length; i++) {
          units[i] = scale * scales[i];
          MemorySegment.ofArray(sums).set(ValueLayout.JAVA_INT_UNALIGNED, (long) Integer.BYTES * i,
              (int) Math.rint((double) layer.bias()[i] / units[i]));
        }
        inputs.add(dequantized(name + "_bias", new NewTensor(editor.fresh(name + "_bias_quantized"),
            ElementType.I32, new long[]{units.length}, MemorySegment.ofArray(sums)), units, 0, nodes));
      }
      boolean adds = layer.bias() != null && !integerBias;
      String product = adds ? editor.fresh(name + "_product") : result;
      nodes.add(NewNode.of(layer.node().op().type(), name, inputs, List.of(product))
          .with(editor.attributes(layer.node())));
      if (adds) {
        nodes.add(NewNode.of("Add", editor.fresh(name + "_biased"), List.of(product,
            editor.add(NewTensor.floats(editor.fresh(name + "_bias"), layer.bias(), layer.bias().length))),
            List.of(result)));
      }
    }

    private String dequantized(String name, NewTensor integers, float[] scales, long axis,
        List<NewNode> nodes) {
      String dequantized = editor.fresh(name + "_dequantized");
      nodes.add(NewNode.of("DequantizeLinear", editor.fresh(name + "_dequantize"),
          List.of(editor.add(integers),
              editor.add(NewTensor.floats(editor.fresh(name + "_scale"), scales, scales.length))),
          List.of(dequantized)).with("axis", axis));
      return dequantized;
    }
  }

  /**
   * Scales of weights: of the largest one of each out channel, and so large that the bias fits 32 bits.
   *
   * @param input the scale of the input where the bias is in units of the sums, else 0
   */
  private static float[] scales(FloatLayer layer, float input) {
    float[] scales = layer.scales();
    for (int i = 0; input > 0 && i < scales.length; i++) {
      scales[i] = Math.max(scales[i], Math.abs(layer.bias()[i]) / input / LARGEST_BIAS);
    }
    return scales;
  }
}
