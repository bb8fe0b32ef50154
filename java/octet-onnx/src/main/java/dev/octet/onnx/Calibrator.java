package dev.octet.onnx;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.Observer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Runs of a model of floats on sample data, and how ranges are found in them.
 *
 * @param runs the inputs of each run, by name
 * @param method how a range is found
 */
record Calibrator(Iterable<Map<String, Tensor>> runs, CalibrationMethod method) {
  /**
   * Finds the largest magnitude in each column of values of a graph.
   *
   * @param graph of floats; used up
   * @param inputs of the model
   * @param names of the values: matrices, or many of them
   * @param octet whose engines run it
   * @return a number for each column
   * @throws IllegalArgumentException naming the run whose inputs do not fit, or whose values are not finite
   */
  Map<String, float[]> magnitudes(Graph graph, List<TensorInfo> inputs, Set<String> names, Octet octet) {
    Map<String, float[]> largest = new HashMap<>();
    observe(graph, inputs, names, octet, (name, tensor) -> {
      int columns = Math.toIntExact(tensor.shape().dim(tensor.shape().rank() - 1));
      float[] most = largest.computeIfAbsent(name, n -> new float[columns]);
      float[] values = tensor.floats();
      for (int i = 0; i < values.length; i++) {
        most[i % columns] = Math.max(most[i % columns], Math.abs(values[i]));
      }
    });
    return largest;
  }

  /**
   * Finds the ranges of values of a graph.
   *
   * @param graph of floats; used up
   * @param inputs of the model
   * @param names of the values
   * @param factors what the columns of some values are divided by first: powers of 2
   * @param octet whose engines run it
   * @return U8, with one scale and zero point each
   * @throws IllegalArgumentException naming the run whose inputs do not fit, or whose values are not finite
   */
  Map<String, Quantization> ranges(Graph graph, List<TensorInfo> inputs, Set<String> names,
      Map<String, float[]> factors, Octet octet) {
    Map<String, Observer> observers = new HashMap<>();
    names.forEach(name -> observers.put(name, Observer.perTensor(name, method)));
    observe(graph, inputs, names, octet, (name, tensor) -> {
      float[] values = tensor.floats();
      float[] of = factors.get(name);
      for (int i = 0; of != null && i < values.length; i++) {
        values[i] /= of[i % of.length];
      }
      observers.get(name).observe(values, tensor.shape());
    });
    Map<String, Quantization> ranges = new HashMap<>();
    observers.forEach((name, observer) -> {
      if (observer.batches() == 0) {
        throw new IllegalArgumentException("calibration: value " + name + " was empty in all runs");
      }
      ranges.put(name, observer.quantization(DataType.U8, false));
    });
    return ranges;
  }

  /** Runs a graph on all data, and shows values of it. */
  private void observe(Graph graph, List<TensorInfo> inputs, Set<String> names, Octet octet,
      BiConsumer<String, Tensor> observer) {
    List<Value> values = new ArrayList<>();
    for (Node node : graph.nodes()) {
      node.outputs().stream().filter(output -> output != null && names.contains(output.name()))
          .forEach(values::add);
    }
    List<TensorInfo> outputs = values.stream()
        .map(value -> new TensorInfo(value.name(), ElementType.F32, Optional.empty())).toList();
    int run = 0;
    try (PreparedOnnx model = PreparedOnnx.observing(new Graph(graph.inputs(), values, graph.nodes()), inputs,
        outputs, octet)) {
      for (Map<String, Tensor> tensors : runs) {
        run++;
        Map<String, Tensor> results = model.run(Objects.requireNonNull(tensors, "runs: a run is null"));
        names.forEach(name -> observer.accept(name, results.getOrDefault(name, tensors.get(name))));
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("calibration, run " + run + ": " + e.getMessage(), e);
    }
    if (run == 0) {
      throw new IllegalArgumentException("calibration: expected one run or more, got none");
    }
  }
}
