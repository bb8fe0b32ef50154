package dev.octet.onnx;

import dev.octet.Octet;
import dev.octet.Quantization;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.value.TensorInfo;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What a {@link Calibrator} finds in the values of one model, each found once: whoever quantizes the model
 * again and again with other nodes left out runs the samples for what is new alone.
 */
final class FoundRanges {
  private static final FloatBuffer NO_FACTORS = FloatBuffer.allocate(0);

  private final Calibrator calibrator;
  private final Supplier<Graph> floats;
  private final List<TensorInfo> inputs;
  private final Octet octet;
  private final Map<String, float[]> magnitudes = new HashMap<>();
  private final Map<Divided, Quantization> ranges = new HashMap<>();

  /**
   * A value, and what its columns are divided by.
   *
   * @param factors empty where they are not
   */
  private record Divided(String value, FloatBuffer factors) {
    static Divided of(String value, Map<String, float[]> factors) {
      float[] own = factors.get(value);
      return new Divided(value, own == null ? NO_FACTORS : FloatBuffer.wrap(own));
    }
  }

  /**
   * Finds nothing yet.
   *
   * @param floats makes a graph of the model, a new one each time
   */
  FoundRanges(Calibrator calibrator, Supplier<Graph> floats, List<TensorInfo> inputs, Octet octet) {
    this.calibrator = calibrator;
    this.floats = floats;
    this.inputs = inputs;
    this.octet = octet;
  }

  /** {@link Calibrator#magnitudes}. */
  Map<String, float[]> magnitudes(Set<String> names) {
    Set<String> missing = names.stream().filter(name -> !magnitudes.containsKey(name))
        .collect(Collectors.toSet());
    if (!missing.isEmpty()) {
      magnitudes.putAll(calibrator.magnitudes(floats.get(), inputs, missing, octet));
    }
    return names.stream().collect(Collectors.toMap(name -> name, magnitudes::get));
  }

  /** {@link Calibrator#ranges}. */
  Map<String, Quantization> ranges(Set<String> names, Map<String, float[]> factors) {
    Set<String> missing = names.stream().filter(name -> !ranges.containsKey(Divided.of(name, factors)))
        .collect(Collectors.toSet());
    if (!missing.isEmpty()) {
      calibrator.ranges(floats.get(), inputs, missing, factors, octet)
          .forEach((name, range) -> ranges.put(Divided.of(name, factors), range));
    }
    return names.stream()
        .collect(Collectors.toMap(name -> name, name -> ranges.get(Divided.of(name, factors))));
  }
}
