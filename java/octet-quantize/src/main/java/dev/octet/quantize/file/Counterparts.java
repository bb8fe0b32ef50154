package dev.octet.quantize.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which tensor of one file a tensor of another one became: by its name, by the name that ONNX quantizers make
 * of it, or, of two ONNX models, by the value that its product becomes.
 */
final class Counterparts {
  /** What ONNX quantizers add to the name of a weight. */
  private static final String QUANTIZED = "_quantized";

  private final Set<String> names = new HashSet<>();
  private final Map<String, List<String>> values = new HashMap<>();
  private final Map<String, String> weights;
  private final Map<String, String> biases;

  Counterparts(WeightFile reference, WeightFile other) {
    other.tensors().forEach(tensor -> names.add(tensor.name()));
    if (reference instanceof OnnxFile before && other instanceof OnnxFile after) {
      weights = after.places().weights();
      biases = after.places().biases();
      before.places().weights().forEach(this::add);
      before.places().biases().forEach(this::add);
    } else {
      weights = Map.of();
      biases = Map.of();
    }
  }

  private void add(String value, String tensor) {
    values.computeIfAbsent(tensor, t -> new ArrayList<>()).add(value);
  }

  /** The name in the other file; null where there is none. */
  String of(StoredTensor tensor) {
    for (String name : List.of(tensor.name(), tensor.name() + QUANTIZED)) {
      if (names.contains(name)) {
        return name;
      }
    }
    Map<String, String> places = tensor.shape().rank() < 2 ? biases : weights;
    return values.getOrDefault(tensor.name(), List.of()).stream().map(places::get)
        .filter(name -> name != null).findFirst().orElse(null);
  }
}
