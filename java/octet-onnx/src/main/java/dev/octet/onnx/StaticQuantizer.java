package dev.octet.onnx;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.write.StaticForm;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.proto.ModelProto;
import dev.octet.quantize.proto.ProtoWriter;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/**
 * Quantizes a model by sample runs: all nodes that are chosen, or as many of them as leave its outputs near
 * those of floats.
 *
 * @param file of the model, of opset {@link dev.octet.onnx.internal.write.Opsets#PER_CHANNEL} or newer
 * @param model what it holds
 * @param read makes a graph of a file, a new one each time
 * @param inputs of the model
 * @param octet whose engines run it
 */
record StaticQuantizer(MemorySegment file, ModelProto model, Function<ModelProto, Graph> read,
    List<TensorInfo> inputs, Octet octet) {
  /** Outputs of more runs are not compared. */
  private static final int COMPARED = 16;

  /**
   * What was quantized.
   *
   * @param file of the quantized model; null where nothing was
   * @param graph of floats
   * @param nodes of it that compute with integers
   * @param alone by the name of a node, the ratio of signal to noise of the outputs when it is the only one,
   *        in decibels, least first; empty where this was not measured
   * @param ratio of signal to noise of the outputs; empty where it was not measured
   */
  record Result(ProtoWriter file, Graph graph, List<Node> nodes, Map<String, Double> alone,
      OptionalDouble ratio) {
    Result measured(Map<String, Double> nodesAlone, double decibels) {
      return new Result(file, graph, nodes, nodesAlone, OptionalDouble.of(decibels));
    }
  }

  /**
   * Quantizes nodes.
   *
   * @param calibrator whose ranges activations get
   * @param named whether a node of a name may be quantized
   */
  Result quantize(Calibrator calibrator, Predicate<String> named) {
    return quantize(ranges(calibrator), named);
  }

  private FoundRanges ranges(Calibrator calibrator) {
    return new FoundRanges(calibrator, this::floats, inputs, octet);
  }

  private Result quantize(FoundRanges ranges, Predicate<String> named) {
    Graph graph = floats();
    StaticForm form = StaticForm.plan(graph, named);
    if (form.nodes().isEmpty()) {
      return new Result(null, graph, List.of(), Map.of(), OptionalDouble.empty());
    }
    Set<String> columns = form.smoothable();
    Map<String, float[]> factors = columns.isEmpty() ? Map.of() : form.factors(ranges.magnitudes(columns));
    ProtoWriter written = form.write(file, model, ranges.ranges(form.observed(), factors), factors);
    return new Result(written, graph, form.nodes(), Map.of(), OptionalDouble.empty());
  }

  /**
   * Quantizes nodes but for those that harm the outputs most: so many of the most harmful ones, found by
   * halving, as leave the outputs near enough, and of these each is quantized again, the least harmful first,
   * that is not needed for it.
   *
   * @param calibrator whose ranges activations get, and whose first runs are compared
   * @param named whether a node of a name may be quantized
   * @param least ratio of signal to noise of each output, in decibels
   * @throws IllegalArgumentException if no product and no convolution would be left
   */
  Result quantize(Calibrator calibrator, Predicate<String> named, double least) {
    FoundRanges ranges = ranges(calibrator);
    Result all = quantize(ranges, named);
    if (all.nodes.isEmpty()) {
      return all;
    }
    List<Map<String, Tensor>> runs = StreamSupport.stream(calibrator.runs().spliterator(), false)
        .limit(COMPARED).toList();
    List<Map<String, Tensor>> expected = outputs(floats(), runs);
    double ratio = ratio(expected, all, runs);
    if (ratio >= least) {
      return all.measured(Map.of(), ratio);
    }
    Map<String, Double> alone = alone(all, runs, calibrator.method(), named, expected);
    List<String> order = List.copyOf(alone.keySet());
    int tooFew = 0;
    int enough = order.size();
    Result found = null;
    while (enough - tooFew > 1) {
      int count = (tooFew + enough) >>> 1;
      Result some = without(order.subList(0, count), ranges, named);
      double its = ratio(expected, some, runs);
      if (its >= least) {
        enough = count;
        found = some.measured(alone, its);
      } else {
        tooFew = count;
      }
    }
    if (found == null) {
      throw new IllegalArgumentException(
          "quantize: expected outputs with a ratio of signal to noise of " + least
              + " dB; all nodes leave " + ratio + ", single ones " + alone
              + ", and the least harmful one is not enough either");
    }
    Set<String> left = new LinkedHashSet<>(order.subList(0, enough));
    for (String name : order.subList(0, enough).reversed()) {
      left.remove(name);
      Result more = without(left, ranges, named);
      double its = ratio(expected, more, runs);
      if (its >= least) {
        found = more.measured(alone, its);
      } else {
        left.add(name);
      }
    }
    return found;
  }

  private Result without(Collection<String> left, FoundRanges ranges, Predicate<String> named) {
    return quantize(ranges, name -> named.test(name) && !left.contains(name));
  }

  /** The ratio that each product and convolution leaves when it is the only one, the least first. */
  private Map<String, Double> alone(Result all, List<Map<String, Tensor>> runs, CalibrationMethod method,
      Predicate<String> named, List<Map<String, Tensor>> expected) {
    FoundRanges ranges = ranges(new Calibrator(runs, method));
    // all at once: one by one, each would take a run of all samples
    quantize(ranges, named);
    Map<String, Double> alone = new HashMap<>();
    for (Node node : all.nodes) {
      if (QuantizedOnnx.isLayer(node)) {
        alone.put(node.name(), ratio(expected, quantize(ranges, node.name()::equals), runs));
      }
    }
    Map<String, Double> sorted = new LinkedHashMap<>();
    alone.keySet().stream().sorted(Comparator.comparing(alone::get))
        .forEach(name -> sorted.put(name, alone.get(name)));
    return sorted;
  }

  private Graph floats() {
    Graph graph = read.apply(model);
    Rewrite.BATCH_NORMALIZATIONS.pass().apply(graph);
    return graph;
  }

  private double ratio(List<Map<String, Tensor>> expected, Result result, List<Map<String, Tensor>> runs) {
    List<Map<String, Tensor>> actual = outputs(
        read.apply(QuantizedOnnx.read(QuantizedOnnx.joined(result.file))), runs);
    double least = Double.POSITIVE_INFINITY;
    for (String name : expected.getFirst().keySet()) {
      double signal = 0;
      double noise = 0;
      for (int run = 0; run < expected.size(); run++) {
        float[] floats = expected.get(run).get(name).floats();
        float[] near = actual.get(run).get(name).floats();
        for (int i = 0; i < floats.length; i++) {
          double error = (double) floats[i] - near[i];
          signal += (double) floats[i] * floats[i];
          noise += error * error;
        }
      }
      least = noise == 0 ? least : Math.min(least, 10 * Math.log10(signal / noise));
    }
    return least;
  }

  /** The outputs of floats of some runs. */
  private List<Map<String, Tensor>> outputs(Graph graph, List<Map<String, Tensor>> runs) {
    List<TensorInfo> infos = graph.outputs().stream()
        .map(value -> new TensorInfo(value.name(), value.known().type(), Optional.empty())).toList();
    List<Map<String, Tensor>> outputs = new ArrayList<>();
    try (PreparedOnnx prepared = PreparedOnnx.of(graph, inputs, infos, octet, OnnxOptions.defaults())) {
      for (Map<String, Tensor> run : runs) {
        Map<String, Tensor> results = new LinkedHashMap<>(prepared.run(run));
        results.values().removeIf(tensor -> tensor.type() != ElementType.F32);
        outputs.add(results);
      }
    }
    return outputs;
  }
}
