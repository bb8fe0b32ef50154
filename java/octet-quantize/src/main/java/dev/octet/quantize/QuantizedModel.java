package dev.octet.quantize;

import dev.octet.Octet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Holds a model and its quantized layers, all or some of them. Immutable. */
public final class QuantizedModel {
  private final Model model;
  private final Map<String, QuantizedLinear> quantized;

  private QuantizedModel(Model model, Map<String, QuantizedLinear> quantized) {
    this.model = model;
    this.quantized = quantized;
  }

  /**
   * Creates a model of quantized layers.
   *
   * @param model the model in FP32
   * @param quantized the quantized layers; those that are not among them stay FP32
   * @return the model
   * @throws IllegalArgumentException if the model has no layer of such a name and shape
   */
  public static QuantizedModel of(Model model, List<QuantizedLinear> quantized) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(quantized, "quantized");
    Map<String, QuantizedLinear> byName = new LinkedHashMap<>();
    for (QuantizedLinear layer : quantized) {
      Linear original = model.layer(layer.name());
      if (original.in() != layer.layer().in() || original.out() != layer.layer().out()) {
        throw new IllegalArgumentException("layers: expected " + original + ", got " + layer.layer());
      }
      byName.put(layer.name(), layer);
    }
    return new QuantizedModel(model, byName);
  }

  /**
   * Returns the model in FP32.
   *
   * @return the model
   */
  public Model model() {
    return model;
  }

  /**
   * Returns the quantized layers.
   *
   * @return a list in the order of quantization
   */
  public List<QuantizedLinear> layers() {
    return new ArrayList<>(quantized.values());
  }

  /**
   * Returns a quantized layer.
   *
   * @param name its name
   * @return empty: it stayed FP32
   */
  public Optional<QuantizedLinear> layer(String name) {
    Objects.requireNonNull(name, "name");
    return Optional.ofNullable(quantized.get(name));
  }

  /**
   * Returns this model with some layers back in FP32.
   *
   * @param names their names
   * @return the model
   */
  public QuantizedModel without(List<String> names) {
    Objects.requireNonNull(names, "names");
    Map<String, QuantizedLinear> rest = new LinkedHashMap<>(quantized);
    rest.keySet().removeAll(names);
    return new QuantizedModel(model, rest);
  }

  /** The same with one layer quantized and no other. */
  QuantizedModel only(String name) {
    return new QuantizedModel(model, Map.of(name, quantized.get(name)));
  }

  /**
   * Returns the size of all layers as they are quantized.
   *
   * @return bytes
   */
  public long bytes() {
    return model.layers().stream().mapToLong(layer -> layer(layer.name()).map(QuantizedLinear::bytes)
        .orElseGet(() -> QuantizedLinear.floatBytes(layer))).sum();
  }

  /**
   * Returns the size of all layers in FP32.
   *
   * @return bytes
   */
  public long floatBytes() {
    return model.layers().stream().mapToLong(QuantizedLinear::floatBytes).sum();
  }

  /**
   * Prepares the quantized layers as ops.
   *
   * @param octet runs them; to stay open as long as the runner is used
   * @return what runs every layer, quantized or FP32; hand it to
   *         {@link Model#run(float[], Model.LayerRunner)}
   * @throws UnsupportedOperationException if no engine of this Octet offers what a layer needs
   */
  public Model.LayerRunner prepare(Octet octet) {
    Objects.requireNonNull(octet, "octet");
    Map<String, LayerOp> ops = new LinkedHashMap<>();
    quantized.forEach((name, layer) -> ops.put(name, LayerOp.prepare(octet, layer)));
    return (name, x) -> {
      LayerOp op = ops.get(name);
      return op == null ? model.runLayer(name, x) : op.run(x);
    };
  }
}
