package dev.octet.quantize.file;

import dev.octet.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** What the graph of an ONNX model says about its weights: who uses them, and with which scales. */
final class OnnxGraph {
  /**
   * The scales of a weight.
   *
   * @param scale the tensor of its scales
   * @param zeroPoint the tensor of its zero points, or null
   * @param axis of the scales, where there are several
   * @param blockSize of the scales, 0 where they are per channel
   */
  record Scales(String scale, String zeroPoint, int axis, int blockSize) {}

  private static final String DISAGREE = "its nodes disagree: ";

  private final OnnxValues values;
  private final Map<String, Scales> scales = new HashMap<>();
  private final Map<String, WeightAxes> axes = new HashMap<>();
  /** The axes of tables that rows are looked up in. */
  private final Map<String, WeightAxes> rows = new HashMap<>();
  /** Why constants are no weights, unless an operator multiplies with them. */
  private final Map<String, String> unlessMultiplied = new LinkedHashMap<>();
  /** Weights whose scales do not fit, with the reason. */
  private final Map<String, String> doubts = new LinkedHashMap<>();
  private final Map<String, String> formats = new LinkedHashMap<>();
  /** From the layers of the formats to their tensors. */
  private final Map<String, List<String>> foreign = new HashMap<>();
  private final Set<String> inForeign = new HashSet<>();
  private final OnnxEdges edges;
  private final OnnxIntegerScales integerScales;
  private final OnnxTables tables;
  /** Where an exporter's name was replaced by one after the bias. */
  private final Map<String, String> renamed;

  OnnxGraph(OnnxValues values) {
    this.values = values;
    this.edges = new OnnxEdges(values);
    this.integerScales = new OnnxIntegerScales(edges);
    this.tables = new OnnxTables(edges);
    this.renamed = OnnxBiasNames.of(values);
    values.sparse.forEach((name, parts) -> foreign("sparse", name, Stream.concat(Stream.of(name),
        parts.stream())));
    values.nodes.forEach(this::use);
    // A product says more than a lookup that shares its weight.
    unlessMultiplied.keySet().removeAll(axes.keySet());
    unlessMultiplied.forEach(values.left::putIfAbsent);
    rows.forEach(axes::putIfAbsent);
    axes.keySet().stream().filter(name -> values.tensors.get(name).type().isFloat()).forEach(name -> {
      String reason = tables.parameterOf(name);
      if (reason != null) {
        values.left.putIfAbsent(name, reason);
      }
    });
    values.annotations.forEach(this::annotate);
    if (values.isExhausted()) {
      doubts.clear();
      values.tensors.keySet().forEach(name -> values.left.putIfAbsent(name,
          "the graph takes more than " + OnnxValues.MAX_STEPS + " steps to follow"));
    }
    scales.keySet().removeAll(doubts.keySet());
    scales.keySet().removeAll(values.left.keySet());
    axes.keySet().removeAll(values.left.keySet());
  }

  Map<String, StoredTensor> tensors() {
    Map<String, StoredTensor> result = new LinkedHashMap<>();
    values.tensors.forEach((name, tensor) -> {
      String now = name(name);
      result.put(now, new StoredTensor(now, tensor.type(), tensor.shape(), tensor.data()));
    });
    return result;
  }

  Map<String, Scales> scales() {
    Map<String, Scales> result = new HashMap<>();
    scales.forEach((name, s) -> result.put(name(name),
        new Scales(name(s.scale), name(s.zeroPoint), s.axis, s.blockSize)));
    return result;
  }

  /** The axes of what is multiplied with or looked up; everything else is no weight. */
  Map<String, WeightAxes> axes() {
    Map<String, WeightAxes> result = new HashMap<>();
    axes.forEach((name, a) -> result.put(name(name), a));
    return result;
  }

  List<ForeignWeights> foreign() {
    return formats.entrySet().stream()
        .map(format -> new ForeignWeights(format.getValue(), name(format.getKey()),
            foreign.get(format.getKey()).stream().map(this::name).toList()))
        .toList();
  }

  /** Where weights and biases are used, by the names of {@link #tensors()}. */
  OnnxPlaces places() {
    return new OnnxPlaces(edges, this::name);
  }

  /** Tensors whose scales do not fit them or are not certain, with the reason. */
  Map<String, String> doubts() {
    return named(doubts);
  }

  /** Tensors that are no weights for a reason of their own. */
  Map<String, String> left() {
    return named(values.left);
  }

  /** From names of tensors to those of the model, where an exporter made those up. */
  Map<String, String> otherNames() {
    Map<String, String> result = new HashMap<>();
    renamed.forEach((was, now) -> result.put(now, was));
    return result;
  }

  private Map<String, String> named(Map<String, String> reasons) {
    Map<String, String> result = new LinkedHashMap<>();
    reasons.forEach((tensor, reason) -> result.put(name(tensor), reason));
    return result;
  }

  private String name(String name) {
    return renamed.getOrDefault(name, name);
  }

  private void use(OnnxNode node) {
    if (!node.isOpen()) {
      putScales(node);
    }
    if (node.op.equals("QuantizeLinear") || node.op.equals("DynamicQuantizeLinear")) {
      values.sources(node.input(0)).stream().map(OnnxValues.Source::tensor)
          .filter(tensor -> values.tensors.get(tensor).type().isFloat()).forEach(
              tensor -> unlessMultiplied.putIfAbsent(tensor, "quantized in the graph, by " + node.op));
    }
    for (OnnxUse use : OnnxUse.of(node)) {
      for (OnnxValues.Source source : values.parts(node.input(use.input()))) {
        WeightAxes found = use.axes(source, values.tensors.get(source.tensor()).shape().rank());
        if (found != null && !values.opaque.containsKey(source.tensor())) {
          putAxes(node, source.tensor(), found);
        }
      }
      OnnxTables.Stack stack = tables.stack(node.input(use.input()), use);
      if (stack != null && !values.opaque.containsKey(stack.table())) {
        putAxes(node, stack.table(), stack.axes());
      }
    }
  }

  private void putAxes(OnnxNode node, String weight, WeightAxes found) {
    boolean lookup = node.op.equals("Gather") || node.op.equals("EmbedLayerNormalization");
    if (lookup && tables.isOfMatrices(weight, found.output())) {
      unlessMultiplied.putIfAbsent(weight,
          "whole matrices are looked up in it, of which the graph does not say what multiplies with them");
    }
    WeightAxes before = (lookup ? rows : axes).putIfAbsent(weight, found);
    if (before == null || before.output() == found.output()
        || !values.tensors.get(weight).type().isFloat()) {
      return;
    }
    String axis = " axis " + before.output() + ", and " + (lookup ? "along" : "on") + " axis "
        + found.output();
    if (lookup) {
      unlessMultiplied.putIfAbsent(weight, DISAGREE + "looked up along" + axis);
    } else {
      values.left.putIfAbsent(weight, DISAGREE + "output features on" + axis);
    }
  }

  /** What has scales that the nodes know is read with those. */
  private void annotate(OnnxValues.Annotation annotation) {
    List<String> tensors = annotation.tensors();
    if (tensors.stream().noneMatch(scales::containsKey)) {
      foreign("quantization_annotation", annotation.layer(), tensors.stream());
    }
  }

  private void putScales(OnnxNode node) {
    switch (node.op) {
      case "DequantizeLinear" ->
        put(node, tables.of(node));
      case "QLinearMatMul" -> put(node, node.input(3), node.input(4), node.input(5), -1, 0);
      case "QLinearConv" -> put(node, node.input(3), node.input(4), node.input(5), 0, 0);
      case "QGemm" -> put(node, node.input(3), node.input(4), node.input(5),
          node.integer("transB", 0) == 0 ? 1 : 0, 0);
      case "DynamicQuantizeMatMul" -> put(node, node.input(1), node.input(2), node.input(3), -1, 0);
      case "MatMulIntegerToFloat" -> put(node, node.input(1), node.input(3), node.input(5), -1, 0);
      case "QAttention" -> put(node, node.input(1), node.input(4), node.input(7), -1, 0);
      case "MatMulInteger" -> put(node, node.input(1), integerScales.of(node, -1), node.input(3), -1, 0);
      case "ConvInteger" -> put(node, node.input(1), integerScales.of(node, 0), node.input(3), 0, 0);
      case "MatMulNBits" -> foreign(node, 1, 2, 3, 4);
      case "MatMulBnb4" -> foreign(node, 1, 2);
      case "GatherBlockQuantized" -> foreign(node, 0, 2, 3);
      case "DynamicQuantizeLSTM" -> {
        foreign(node, 1, 8, 9);
        foreign(node, 2, 10, 11);
      }
      case "QMoE" -> {
        foreign(node, 2, 3, 11);
        foreign(node, 5, 6, 12);
        foreign(node, 8, 9, 13);
      }
      default -> {
        // brings no scales
      }
    }
  }

  private void foreign(OnnxNode node, int... inputs) {
    List<String> tensors = Arrays.stream(inputs).mapToObj(node::input).map(edges::constant)
        .filter(name -> !name.isEmpty()).toList();
    if (!tensors.isEmpty()) {
      foreign(node.op, tensors.getFirst(), tensors.stream());
    }
  }

  /** Adds to what belongs to a layer, what belongs to no other one. */
  private void foreign(String format, String layer, Stream<String> tensors) {
    List<String> own = tensors.filter(name -> !name.isEmpty() && inForeign.add(name)).toList();
    if (!own.isEmpty()) {
      formats.putIfAbsent(layer, "ONNX " + format);
      foreign.computeIfAbsent(layer, l -> new ArrayList<>()).addAll(own);
    }
  }

  private void put(OnnxNode node, OnnxTables.Read read) {
    if (read != null) {
      put(node, read.weight(), read.scale(), read.zeroPoint(), read.axis(), read.blockSize());
    }
  }

  private void put(OnnxNode node, String value, String scaleValue, String zeroValue, int axis,
      int blockSize) {
    OnnxValues.Source source = edges.source(value);
    if (source == null) {
      return;
    }
    String weight = source.tensor();
    String scale = edges.constant(scaleValue);
    String zeroPoint = edges.constant(zeroValue);
    if (values.opaque.containsKey(weight)) {
      foreign(values.opaque.get(weight), weight, Stream.of(weight, scale, zeroPoint));
      return;
    }
    StoredType type = values.tensors.get(weight).type();
    if (type.quantized().isEmpty() && type != StoredType.I32) { // which biases are
      foreign(node.op + " of " + type, weight, Stream.of(weight, scale, zeroPoint));
      return;
    }
    // Scales that the graph computes are not known here.
    if (scale.isEmpty() || zeroValue.isEmpty() != zeroPoint.isEmpty()) {
      return;
    }
    String parameter = values.left.containsKey(scale) ? scale : zeroPoint;
    if (values.left.containsKey(parameter)) {
      doubts.putIfAbsent(weight, node.op + ": scales or zero points " + name(parameter) + ": "
          + values.left.get(parameter));
      return;
    }
    int place = 0; // of no meaning with a single scale
    if (edges.elements(scale) != 1) {
      place = place(node, source, axis, blockSize);
    }
    if (place != WeightAxes.NONE) {
      put(weight, new Scales(scale, zeroPoint.isEmpty() ? null : zeroPoint, place, blockSize));
    }
  }

  /**
   * The axis of the scales in the weight as it is stored.
   *
   * @return {@link WeightAxes#NONE} where it has none; the weight is in {@link #doubts} then
   */
  private int place(OnnxNode node, OnnxValues.Source source, int axis, int blockSize) {
    String weight = source.tensor();
    Shape stored = values.tensors.get(weight).shape();
    int rank = source.rank(stored.rank());
    int place = axis < 0 ? axis + rank : axis;
    String doubt = null;
    if (place < 0 || place >= rank) {
      doubt = "expected an axis of " + stored + ", got axis "
          + (node.op.equals("DequantizeLinear") ? node.number("axis", 1) : axis);
    } else if (blockSize < 0) {
      doubt = "expected a block size of at least 0, got " + node.number("block_size", 0);
    } else if (!source.steps().isEmpty()) {
      place = source.stored(place, stored.rank());
      if (place == WeightAxes.NONE) {
        doubt = "scales along no axis of " + stored;
      } else if (blockSize > 0) {
        // Blocks of a transposed weight are not laid out as those of the weight.
        doubt = "blocks of " + blockSize + " along an axis of its transpose";
      }
    }
    if (doubt != null) {
      doubts.putIfAbsent(weight, node.op + ": " + doubt);
      return WeightAxes.NONE;
    }
    return place;
  }

  private void put(String weight, Scales now) {
    Scales before = scales.putIfAbsent(weight, now);
    if (before != null && !(before.axis == now.axis && before.blockSize == now.blockSize
        && isSame(before.scale, now.scale) && isSame(before.zeroPoint, now.zeroPoint))) {
      doubts.putIfAbsent(weight, DISAGREE + text(before) + ", and " + text(now));
    }
  }

  /** Whether two constants, or none, are the same: tools give each node its own. */
  private boolean isSame(String one, String two) {
    if (one == null || two == null || one.equals(two)) {
      return Objects.equals(one, two);
    }
    StoredTensor first = values.tensors.get(one);
    StoredTensor second = values.tensors.get(two);
    return first.type() == second.type() && first.shape().equals(second.shape())
        && first.data().mismatch(second.data()) < 0;
  }

  private String text(Scales s) {
    return "scales " + name(s.scale) + (s.zeroPoint == null ? "" : " and zero points " + name(s.zeroPoint))
        + (edges.elements(s.scale) == 1 ? "" : " on axis " + s.axis);
  }
}
