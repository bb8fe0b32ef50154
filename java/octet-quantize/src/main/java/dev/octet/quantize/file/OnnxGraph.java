package dev.octet.quantize.file;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  private final OnnxValues values;
  private final Map<String, Scales> scales = new HashMap<>();
  private final Map<String, WeightAxes> axes = new HashMap<>();
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
    values.sparse.forEach((name, parts) -> foreign("sparse", name, Stream.concat(Stream.of(name),
        parts.stream())));
    values.nodes.forEach(this::use);
    this.renamed = OnnxBiasNames.of(values);
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

  private String name(String name) {
    return renamed.getOrDefault(name, name);
  }

  private void use(OnnxNode node) {
    if (!node.isOpen()) {
      putScales(node);
    }
    for (OnnxUse use : OnnxUse.of(node)) {
      for (OnnxValues.Source source : values.parts(node.input(use.input()))) {
        WeightAxes found = use.axes(source, values.tensors.get(source.tensor()).shape().rank());
        // A product says more than a table that shares its weight.
        if (found != null && !values.opaque.containsKey(source.tensor())
            && (!node.op.equals("Gather") || !axes.containsKey(source.tensor()))) {
          axes.put(source.tensor(), found);
        }
      }
    }
  }

  private void putScales(OnnxNode node) {
    switch (node.op) {
      case "DequantizeLinear" ->
        put(tables.of(node));
      case "QLinearMatMul" -> put(node.input(3), node.input(4), node.input(5), -1, 0);
      case "QLinearConv" -> put(node.input(3), node.input(4), node.input(5), 0, 0);
      case "QGemm" -> put(node.input(3), node.input(4), node.input(5),
          node.integer("transB", 0) == 0 ? 1 : 0, 0);
      case "DynamicQuantizeMatMul" -> put(node.input(1), node.input(2), node.input(3), -1, 0);
      case "MatMulIntegerToFloat" -> put(node.input(1), node.input(3), node.input(5), -1, 0);
      case "QAttention" -> put(node.input(1), node.input(4), node.input(7), -1, 0);
      case "MatMulInteger" -> put(node.input(1), integerScales.of(node, -1), node.input(3), -1, 0);
      case "ConvInteger" -> put(node.input(1), integerScales.of(node, 0), node.input(3), 0, 0);
      case "MatMulNBits" -> foreign(node, 1, 2, 3, 4);
      case "MatMulBnb4" -> foreign(node, 1, 2);
      case "GatherBlockQuantized" -> foreign(node, 0, 2, 3);
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

  private void put(OnnxTables.Read read) {
    if (read != null) {
      put(read.weight(), read.scale(), read.zeroPoint(), read.axis(), read.blockSize());
    }
  }

  private void put(String value, String scaleValue, String zeroValue, int axis, int blockSize) {
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
    StoredTensor tensor = values.tensors.get(weight);
    int stored = tensor.shape().rank();
    int rank = source.rank(stored);
    int place = axis < 0 ? axis + rank : axis;
    boolean single = !scale.isEmpty() && values.tensors.get(scale).shape().elements() == 1;
    if ((rank > 0 && (place < 0 || place >= rank)) || blockSize < 0) {
      if (single) {
        place = 0; // of no meaning with a single scale
      } else {
        throw new MalformedFileException(
            "tensor " + weight + ": axis " + axis + " and block size " + blockSize
                + " do not fit " + tensor.shape());
      }
    }
    if (!single && !source.steps().isEmpty()) {
      place = source.stored(place, stored);
      if (place == WeightAxes.NONE || blockSize > 0) {
        return; // no axis of the weight as it is stored; nor are blocks that lie as in a transposed one
      }
    }
    // Scales that the graph computes are not known here.
    if (!scale.isEmpty() && zeroValue.isEmpty() == zeroPoint.isEmpty()) {
      scales.put(weight, new Scales(scale, zeroPoint.isEmpty() ? null : zeroPoint, place, blockSize));
    }
  }
}
