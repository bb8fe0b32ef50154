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
import dev.octet.onnx.internal.pass.FloatFunction;
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
 * Beside products with constants and convolutions these are products of two values of the run, as attention
 * has them, and operators and functions of each float between them whose operands are quantized anyway and
 * whose result another one reads, so that integers stay integers. Nodes that only move what is quantized stay
 * as they are: DequantizeLinear may come behind them as well. A product whose result only others read keeps
 * it in floats; a convolution does not, as ONNX Runtime has none of integers with such results.
 */
public final class StaticForm {
  private static final Set<String> OF_ONE = Set.of("MaxPool", "AveragePool", "GlobalAveragePool", "Resize");
  private static final Set<String> OF_ALL = Set.of("Add", "Mul", "Concat");
  /** Results have the range of the operand. */
  private static final Set<String> SELECTING = Set.of("MaxPool", "Resize");
  /** Results are the operand, in another order or shape. */
  private static final Set<String> MOVING = Set.of("Flatten", "Identity", "Reshape", "Squeeze", "Transpose",
      "Unsqueeze");
  /** Probabilities, whatever they were in the samples. */
  private static final Quantization UP_TO_ONE = Quantization.perTensor(1 / 255f, 0);
  /** Smaller magnitudes count as this one: nothing is known of columns that are 0 in all samples. */
  private static final float SMALLEST = 1e-6f;
  /** No column becomes larger than by this power of 2. */
  private static final int LEAST_EXPONENT = -6;
  /** An integer bias keeps away from the ends of its type. */
  private static final float LARGEST_BIAS = 0x1p30f;

  private final List<Part> parts;

  /**
   * Nodes that compute with integers.
   *
   * @param nodes in order: a product or convolution, and the Add of its bias; a function; or one operator
   * @param layer that they are; null where they are no product with a constant, and no convolution
   * @param activation Relu or Clip that alone reads its result, and makes it; null where there is none
   * @param operands what is multiplied, or read as integers
   * @param isQuantized whether the result is quantized
   */
  private record Part(List<Node> nodes, FloatLayer layer, Node activation, List<Value> operands,
      boolean isQuantized) {
    static Part of(FloatLayer layer, Node activation) {
      return new Part(layer.origins(), layer, activation, List.of(layer.input()), true);
    }

    static Part of(List<Node> nodes, Node activation, List<Value> operands) {
      return new Part(nodes, null, activation, List.copyOf(operands), true);
    }

    /** What the file calls it. */
    Node node() {
      return layer == null ? nodes.getLast() : layer.node();
    }

    /** What of it is read by others. */
    Value result() {
      return activation != null ? activation.output() : own();
    }

    private Value own() {
      return layer == null ? nodes.getLast().output() : layer.output();
    }

    /** Whether it is worth integers by itself: a product or a convolution. */
    boolean multiplies() {
      return layer != null || isProduct(node());
    }

    List<Node> origins() {
      List<Node> origins = new ArrayList<>(nodes);
      if (activation != null) {
        origins.add(activation);
      }
      return origins;
    }

    /** The same with floats as its result: the activation is a node of its own. */
    Part unquantized() {
      return new Part(nodes, layer, null, operands, false);
    }
  }

  private StaticForm(List<Part> parts) {
    this.parts = parts;
  }

  /**
   * Finds what is quantized.
   *
   * @param graph of floats
   * @param named whether a node of a name may be
   */
  public static StaticForm plan(Graph graph, Predicate<String> named) {
    Predicate<Node> chosen = node -> named.test(node.name());
    IdentityHashMap<Node, FloatLayer> layers = new IdentityHashMap<>();
    Set<Value> quantized = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Node node : graph.nodes()) {
      if (!chosen.test(node)) {
        continue;
      }
      FloatLayer layer = FloatLayer.of(graph, node);
      if (layer != null) {
        layers.put(node, layer);
        quantized.add(layer.input());
      } else if (isProduct(node)) {
        quantized.addAll(node.inputs());
      }
    }
    Set<Node> taken = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Part> parts = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (taken.contains(node) || !chosen.test(node)) {
        continue;
      }
      FloatLayer layer = layers.get(node);
      Part part = layer != null
          ? Part.of(layer, activation(graph, layer.output(), chosen))
          : part(graph, node, one -> chosen.test(one) && !taken.contains(one), quantized);
      if (part != null) {
        if (layer != null) {
          taken.addAll(layer.origins());
        }
        if (part.activation != null) {
          taken.add(part.activation);
        }
        quantized.add(part.result());
        parts.add(part);
      }
    }
    return new StaticForm(needed(parts));
  }

  /** A node that is no layer; null where it stays as it is. */
  private static Part part(Graph graph, Node node, Predicate<Node> free, Set<Value> quantized) {
    if (isProduct(node)) {
      return Part.of(List.of(node), null, node.inputs());
    }
    Predicate<Value> isQuantized = value -> quantized.contains(value) || quantized.contains(source(value));
    FloatFunction function = FloatFunction.of(graph, node, free, isQuantized);
    if (function != null) {
      return Part.of(function.nodes(), null, List.of(function.input()));
    }
    if (!isBetween(node, isQuantized)) {
      return null;
    }
    boolean adds = node.op().type().equals("Add") || node.op().type().equals("Mul");
    return Part.of(List.of(node), adds ? activation(graph, node.output(), free) : null, operands(node));
  }

  /** Whether a node is a product of two matrices of the run, or of many. */
  private static boolean isProduct(Node node) {
    return node.op().type().equals("MatMul") && node.inputs().stream().allMatch(
        value -> !value.isConstant() && value.known().type() == ElementType.F32 && value.known().hasRank()
            && value.known().rank() >= 2);
  }

  /** What a value is in another order or shape; itself where it is something else. */
  private static Value source(Value value) {
    Value source = value;
    while (source.producer() != null && MOVING.contains(source.producer().op().type())
        && !source.isConstant()) {
      source = source.producer().input(0);
    }
    return source;
  }

  private static List<Value> operands(Node node) {
    return node.inputs().subList(0, OF_ALL.contains(node.op().type()) ? node.inputs().size() : 1);
  }

  /** Whether a node is an operator between products whose operands are quantized. */
  private static boolean isBetween(Node node, Predicate<Value> isQuantized) {
    String type = node.op().type();
    if ((!OF_ALL.contains(type) && !OF_ONE.contains(type)) || node.outputs().size() != 1
        || node.output().known().type() != ElementType.F32) {
      return false;
    }
    List<Value> operands = operands(node);
    return operands.stream().allMatch(value -> value.isConstant() ? isFinite(value) : isQuantized.test(value))
        && operands.stream().anyMatch(value -> !value.isConstant());
  }

  private static boolean isFinite(Value constant) {
    return constant.known().elements() > 0 && Elements.areFinite(Elements.floats(constant.known()));
  }

  private static boolean hasConstantBounds(Node clip) {
    return clip.inputs().stream().skip(1).allMatch(bound -> bound == null || bound.isConstant());
  }

  private static Node activation(Graph graph, Value result, Predicate<Node> chosen) {
    Node reader = graph.onlyConsumer(result);
    boolean activates = reader != null && reader.input(0) == result && chosen.test(reader)
        && (reader.op().type().equals("Relu")
            || (reader.op().type().equals("Clip") && hasConstantBounds(reader)));
    return activates ? reader : null;
  }

  /** Leaves out operators whose result no other part reads, and leaves such results of products in floats. */
  private static List<Part> needed(List<Part> parts) {
    Set<Value> read = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Part> needed = new ArrayList<>();
    for (Part part : parts.reversed()) {
      boolean isRead = read.contains(part.result());
      if (!part.multiplies() && !isRead) {
        continue;
      }
      part.operands.forEach(operand -> read.add(source(operand)));
      boolean isConv = part.layer != null && part.layer.isConv();
      needed.add(isRead || isConv ? part : part.unquantized());
    }
    return needed.reversed();
  }

  /** All nodes that compute with integers. */
  public List<Node> nodes() {
    return parts.stream().map(Part::node).toList();
  }

  /** The names of the values whose ranges are needed. */
  public Set<String> observed() {
    Set<String> names = new LinkedHashSet<>();
    Set<Value> made = made();
    for (Part part : parts) {
      part.operands.stream()
          .filter(value -> !value.isConstant() && !made.contains(source(value)) && !isProbabilities(value))
          .forEach(value -> names.add(value.name()));
      if (part.isQuantized) {
        names.add(part.result().name());
      }
    }
    return names;
  }

  /**
   * The names of values whose columns may be brought to one size before they are quantized: floats that
   * nothing but products with constants reads as integers.
   */
  public Set<String> smoothable() {
    Set<Value> made = made();
    Set<String> names = new LinkedHashSet<>();
    Set<String> others = new LinkedHashSet<>();
    for (Part part : parts) {
      boolean isProduct = part.layer != null && !part.layer.isConv();
      part.operands.stream().filter(value -> !made.contains(source(value)) && !isProbabilities(value))
          .forEach(value -> (isProduct ? names : others).add(value.name()));
    }
    names.removeAll(others);
    return names;
  }

  /**
   * What columns are divided by: the roots of the ratios of the largest magnitudes of the columns and of the
   * weights that multiply them, as powers of 2, at most 1, so that products of floats stay what they are. A
   * few columns of what a layer norm makes are ten times as large as others, which would be left with four
   * bits. (Xiao et al., SmoothQuant, 2023, with a half for its exponent.)
   *
   * @param magnitudes of the columns of all values that are {@link #smoothable}
   */
  public Map<String, float[]> factors(Map<String, float[]> magnitudes) {
    Map<String, float[]> weights = new HashMap<>();
    for (Part part : parts) {
      if (part.layer != null && magnitudes.containsKey(part.layer.input().name())) {
        weights.merge(part.layer.input().name(), part.layer.largest(), StaticForm::larger);
      }
    }
    Map<String, float[]> factors = new HashMap<>();
    magnitudes.forEach((name, columns) -> factors.put(name, factors(columns, weights.get(name))));
    return factors;
  }

  private static float[] larger(float[] a, float[] b) {
    for (int i = 0; i < a.length; i++) {
      a[i] = Math.max(a[i], b[i]);
    }
    return a;
  }

  private static float[] factors(float[] columns, float[] weights) {
    int[] exponents = new int[columns.length];
    int most = Integer.MIN_VALUE;
    for (int i = 0; i < exponents.length; i++) {
      float ratio = Math.max(columns[i], SMALLEST) / Math.max(weights[i], SMALLEST);
      exponents[i] = (int) Math.rint(Math.log(ratio) / Math.log(4));
      most = Math.max(most, exponents[i]);
    }
    float[] factors = new float[columns.length];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = Math.scalb(1f, Math.max(exponents[i] - most, LEAST_EXPONENT));
    }
    return factors;
  }

  private Set<Value> made() {
    Set<Value> made = Collections.newSetFromMap(new IdentityHashMap<>());
    parts.stream().filter(Part::isQuantized).forEach(part -> made.add(part.result()));
    return made;
  }

  private static boolean isProbabilities(Value value) {
    return value.producer() != null && value.producer().op().type().equals("Softmax");
  }

  /**
   * Writes the model.
   *
   * @param file the file
   * @param model what it holds, of opset {@link Opsets#PER_CHANNEL} or newer
   * @param ranges of all that is observed, U8
   * @param factors what the columns of some values are divided by before they are quantized
   * @return the changed file
   * @throws UnsupportedOperationException if the result is too large
   */
  public ProtoWriter write(MemorySegment file, ModelProto model, Map<String, Quantization> ranges,
      Map<String, float[]> factors) {
    GraphEditor editor = new GraphEditor(file, model);
    Writer writer = new Writer(editor, new HashMap<>(ranges), factors, made());
    parts.stream().filter(part -> SELECTING.contains(part.node().op().type()))
        .forEach(part -> writer.ranges.put(part.result().name(), writer.range(part.operands.getFirst())));
    parts.stream().sorted(Comparator.comparingInt(part -> editor.place(part.origins())))
        .forEach(writer::write);
    return editor.file();
  }

  /**
   * Writes parts, in the order of the file.
   *
   * @param editor of the file
   * @param ranges of values
   * @param factors what columns of values are divided by first
   * @param made the values that are quantized where they are made, of which others may be moved
   * @param read under which name parts read other values, and constants
   * @param parameters the names of the scale and zero point of each value
   */
  private record Writer(GraphEditor editor, Map<String, Quantization> ranges, Map<String, float[]> factors,
      Set<Value> made, Map<String, String> read, Map<String, List<String>> parameters) {
    Writer(GraphEditor editor, Map<String, Quantization> ranges, Map<String, float[]> factors,
        Set<Value> made) {
      this(editor, ranges, factors, made, new HashMap<>(), new HashMap<>());
    }

    void write(Part part) {
      List<NewNode> nodes = new ArrayList<>();
      List<String> operands = part.operands.stream().map(value -> operand(value, nodes)).toList();
      String result = part.result().name();
      String floats = part.isQuantized ? editor.fresh(result + "_float") : result;
      String own = part.activation == null ? floats : part.own().name();
      if (part.layer != null) {
        layer(part.layer, operands.getFirst(), own, nodes);
      } else {
        for (Node node : part.nodes) {
          List<String> inputs = new ArrayList<>(editor.proto(node).inputs());
          inputs.replaceAll(name -> renamed(part, operands, name));
          nodes.add(editor.changed(node, inputs,
              List.of(node == part.nodes.getLast() ? own : node.output().name())));
        }
      }
      if (part.activation != null) {
        nodes.add(editor.changed(part.activation, editor.proto(part.activation).inputs(), List.of(floats)));
      }
      if (part.isQuantized) {
        pair(part.result(), floats, result, nodes);
      }
      editor.replace(part.origins(), nodes);
    }

    private static String renamed(Part part, List<String> operands, String name) {
      for (int i = 0; i < operands.size(); i++) {
        if (part.operands.get(i).name().equals(name)) {
          return operands.get(i);
        }
      }
      return name;
    }

    /** Scale and zero point of what a value is made of. */
    Quantization range(Value value) {
      return isProbabilities(value)
          ? UP_TO_ONE
          : ranges.get(made.contains(source(value)) ? source(value).name() : value.name());
    }

    /** The name under which an operand is read, once it is quantized. */
    private String operand(Value value, List<NewNode> nodes) {
      String name = value.name();
      if (value.isConstant()) {
        return read.computeIfAbsent(name, constant -> constant(value, nodes));
      }
      return made.contains(source(value)) ? name : read.computeIfAbsent(name, floats -> {
        String dequantized = editor.fresh(name + "_dequantized");
        pair(value, factors.containsKey(name) ? divided(name, nodes) : name, dequantized, nodes);
        return dequantized;
      });
    }

    /** Adds a product with the reciprocals of factors. */
    private String divided(String name, List<NewNode> nodes) {
      float[] reciprocals = factors.get(name).clone();
      for (int i = 0; i < reciprocals.length; i++) {
        reciprocals[i] = 1 / reciprocals[i];
      }
      String divided = editor.fresh(name + "_smoothed");
      nodes.add(NewNode.of("Mul", editor.fresh(name + "_smooth"), List.of(name, editor.add(
          NewTensor.floats(editor.fresh(name + "_factors"), reciprocals, reciprocals.length))),
          List.of(divided)));
      return divided;
    }

    /** Adds QuantizeLinear and DequantizeLinear. */
    private void pair(Value of, String from, String to, List<NewNode> nodes) {
      String value = of.name();
      List<String> grid = parameters.computeIfAbsent(value, name -> {
        Quantization range = range(of);
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

    private void layer(FloatLayer whole, String input, String result, List<NewNode> nodes) {
      float[] divisors = factors.get(whole.input().name());
      FloatLayer layer = divisors == null ? whole : whole.smoothed(divisors);
      String name = layer.node().name();
      Known weights = layer.weights();
      float scale = range(layer.input()).scale(0);
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
