package dev.octet.quantize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Describes a network to quantization: its layers with weights, by name, and a function of the caller that
 * runs everything else and calls these layers by name. Immutable.
 *
 * {@snippet :
 * Model model = Model.of(List.of(fc1, fc2), (input, net) -> net.run("fc2", relu(net.run("fc1", input))));
 * float[] logits = model.run(image);
 * }
 */
public final class Model {
  /** Runs a layer by name: in FP32, watched, or quantized. */
  @FunctionalInterface
  public interface LayerRunner {
    /**
     * Runs a layer.
     *
     * @param layer the name of the layer
     * @param x rows of its inputs
     * @return rows of its outputs
     * @throws IllegalArgumentException if there is no such layer, or x is no whole number of rows
     */
    float[] run(String layer, float[] x);
  }

  /** Runs the network, all but its layers with weights. */
  @FunctionalInterface
  public interface Forward {
    /**
     * Runs the network.
     *
     * @param input what the network takes, one sample or a batch
     * @param net runs the layers
     * @return what the network returns
     */
    float[] run(float[] input, LayerRunner net);
  }

  private final Map<String, Linear> layers;
  private final Forward forward;

  private Model(Map<String, Linear> layers, Forward forward) {
    this.layers = layers;
    this.forward = Objects.requireNonNull(forward, "forward");
  }

  /**
   * Creates a model.
   *
   * @param layers its layers with weights, in the order in which reports list them
   * @param forward runs it
   * @return the model
   * @throws IllegalArgumentException if two layers have the same name
   */
  public static Model of(List<Linear> layers, Forward forward) {
    Objects.requireNonNull(layers, "layers");
    Map<String, Linear> byName = new LinkedHashMap<>();
    for (Linear layer : layers) {
      if (byName.put(layer.name(), layer) != null) {
        throw new IllegalArgumentException("layers: " + layer.name() + " is there twice");
      }
    }
    return new Model(byName, forward);
  }

  /**
   * Returns the layers.
   *
   * @return a list in the order given
   */
  public List<Linear> layers() {
    return new ArrayList<>(layers.values());
  }

  /**
   * Returns a layer.
   *
   * @param name its name
   * @return the layer
   * @throws IllegalArgumentException if there is none of that name
   */
  public Linear layer(String name) {
    Objects.requireNonNull(name, "name");
    Linear layer = layers.get(name);
    if (layer == null) {
      throw new IllegalArgumentException("layer " + name + ": expected one of " + layers.keySet());
    }
    return layer;
  }

  /**
   * Returns this network with layers replaced by others of the same names.
   *
   * @param changed the new ones
   * @return the model
   * @throws IllegalArgumentException if there is none of that name, or it has another shape
   */
  public Model with(Linear... changed) {
    Objects.requireNonNull(changed, "changed");
    Map<String, Linear> byName = new LinkedHashMap<>(layers);
    for (Linear layer : changed) {
      Linear old = layer(layer.name());
      if (old.in() != layer.in() || old.out() != layer.out()) {
        throw new IllegalArgumentException("layers: expected " + old + ", got " + layer);
      }
      byName.put(layer.name(), layer);
    }
    return new Model(byName, forward);
  }

  /**
   * Runs the network in FP32.
   *
   * @param input what it takes
   * @return what it returns
   */
  public float[] run(float[] input) {
    Objects.requireNonNull(input, "input");
    return run(input, this::runLayer);
  }

  /**
   * Runs the network with its layers run by the caller.
   *
   * @param input what it takes
   * @param net runs the layers
   * @return what it returns
   */
  public float[] run(float[] input, LayerRunner net) {
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(net, "net");
    return forward.run(input, net);
  }

  /**
   * Runs a layer in FP32.
   *
   * @param layer its name
   * @param x rows of its inputs
   * @return rows of its outputs
   * @throws IllegalArgumentException if there is no such layer, or x is no whole number of rows
   */
  public float[] runLayer(String layer, float[] x) {
    Objects.requireNonNull(layer, "layer");
    Objects.requireNonNull(x, "x");
    return layer(layer).run(x);
  }

  /** Returns the layers as text. */
  @Override
  public String toString() {
    return Arrays.toString(layers.values().toArray());
  }
}
