package dev.octet.quantize;

import dev.octet.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Runs samples through a model in FP32 and watches the input of every layer. Needed for static scales, bias
 * correction, smoothing and GPTQ. One thread at a time; for many workers give each its own, and
 * {@link #merge} them.
 */
public final class Calibration {
  private final Model model;
  private final Map<String, Observer> observers = new LinkedHashMap<>();
  private final Map<String, InputMoments> moments = new LinkedHashMap<>();

  private Calibration(Model model, CalibrationMethod method, boolean products) {
    this.model = model;
    for (Linear layer : model.layers()) {
      String input = input(layer.name());
      observers.put(layer.name(), Observer.perTensor(input, method));
      moments.put(layer.name(), new InputMoments(input, layer.in(), products));
    }
  }

  private Calibration(Model model, Map<String, CalibrationJson.Layer> layers) {
    this.model = model;
    for (Linear layer : model.layers()) {
      observers.put(layer.name(), layers.get(layer.name()).observer());
      moments.put(layer.name(), layers.get(layer.name()).moments());
    }
  }

  /** What the input of a layer is called. */
  static String input(String layer) {
    return layer + ".input";
  }

  /**
   * Creates a calibration that records ranges, means and largest absolute values of every layer's input.
   *
   * @param model the model
   * @param method how ranges are found
   * @return a calibration that has seen nothing
   */
  public static Calibration of(Model model, CalibrationMethod method) {
    Objects.requireNonNull(model, "model");
    return new Calibration(model, method, false);
  }

  /**
   * Creates a calibration that also records the products of features that {@link Gptq} needs: {@code in * in}
   * doubles for each layer.
   *
   * @param model the model
   * @param method how ranges are found
   * @return a calibration that has seen nothing
   */
  public static Calibration withProducts(Model model, CalibrationMethod method) {
    Objects.requireNonNull(model, "model");
    return new Calibration(model, method, true);
  }

  /**
   * Reads a calibration that {@link #write} saved: a JSON object with {@code "format": "octet-calibration"},
   * {@code "version": 1} and {@code "layers"}, in this order; from the name of each layer of the model to
   * {@code "observer"}, as {@link Observer#fromJson} has it, and {@code "moments"}, as
   * {@link InputMoments#fromJson} has it. Memory: that of the calibration, and of the text of one layer.
   *
   * @param model whose layers were watched
   * @param in UTF-8, read to its end; stays open
   * @return the calibration, equal to the last bit, which can see more
   * @throws IllegalArgumentException if the text is none of the model's layers, or contradicts itself
   * @throws IOException if it cannot be read
   */
  public static Calibration read(Model model, InputStream in) throws IOException {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(in, "in");
    return new Calibration(model, CalibrationJson.read(model, in));
  }

  /**
   * Saves the state in the format of {@link #read}. With products it takes some 10 bytes for each pair of
   * features of a layer.
   *
   * @param out takes UTF-8; stays open
   * @throws IOException if it cannot be written
   */
  public void write(OutputStream out) throws IOException {
    Objects.requireNonNull(out, "out");
    Map<String, CalibrationJson.Layer> layers = new LinkedHashMap<>();
    observers.forEach(
        (name, observer) -> layers.put(name, new CalibrationJson.Layer(observer, moments.get(name))));
    CalibrationJson.write(layers, out);
  }

  /**
   * Runs the model in FP32 on an input and records the input of each layer.
   *
   * @param input what the model takes, one sample or a batch
   * @return what the model returns
   * @throws IllegalArgumentException if the input of a layer holds NaN or an infinity, named by layer and
   *         position
   */
  public float[] observe(float[] input) {
    Objects.requireNonNull(input, "input");
    return model.run(input, (name, x) -> {
      Linear layer = model.layer(name);
      observers.get(name).observe(x, Shape.of(layer.rows(x), layer.in()));
      moments.get(name).observe(x);
      return layer.run(x);
    });
  }

  /**
   * Adds what another calibration has recorded, as {@link Observer#merge} and {@link InputMoments#merge} do.
   *
   * @param other a calibration of the same layers by the same method; stays as it is
   * @throws IllegalArgumentException if it is of other layers or by another method
   */
  public void merge(Calibration other) {
    Objects.requireNonNull(other, "other");
    if (!observers.keySet().equals(other.observers.keySet())) {
      throw new IllegalArgumentException(
          "merge: expected layers " + observers.keySet() + ", got " + other.observers.keySet());
    }
    observers.forEach((name, observer) -> observer.merge(other.observers.get(name)));
    moments.forEach((name, moment) -> moment.merge(other.moments.get(name)));
  }

  /**
   * Returns the observer of a layer's input.
   *
   * @param layer its name
   * @return the live object, which goes on recording
   * @throws IllegalArgumentException if there is no such layer
   */
  public Observer observer(String layer) {
    Objects.requireNonNull(layer, "layer");
    return observers.get(model.layer(layer).name());
  }

  /**
   * Returns the warnings of all observers: ranges that outliers make too wide for the other numbers.
   *
   * @return sentences with names of layers; empty where all is well
   */
  public List<String> warnings() {
    return observers.values().stream().flatMap(observer -> observer.warnings().stream()).toList();
  }

  /**
   * Returns the moments of a layer's input.
   *
   * @param layer its name
   * @return the live object, which goes on recording
   * @throws IllegalArgumentException if there is no such layer
   */
  public InputMoments moments(String layer) {
    Objects.requireNonNull(layer, "layer");
    return moments.get(model.layer(layer).name());
  }
}
