package dev.octet.quantize.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Assigns recorded inputs to the weights of a file. {@code LAYER.input} is the input of the tensor
 * {@code LAYER.weight}, or of the tensor {@code LAYER} where the file has no {@code LAYER.weight}. A weight
 * whose name an exporter made up ({@link WeightFile#otherNames}) has its inputs under either of its names.
 * Immutable; reads nothing of the recorded rows.
 */
public final class LayerInputs {
  private static final String WEIGHT = ".weight";

  private final RecordedInputs recorded;
  /** From the names of weights to the recorded layers whose rows are their inputs. */
  private final Map<String, List<String>> layers = new HashMap<>();

  private LayerInputs(WeightFile file, RecordedInputs recorded) {
    this.recorded = recorded;
    Set<String> names = new HashSet<>();
    file.tensors().forEach(tensor -> names.add(tensor.name()));
    for (String name : names) {
      List<String> found = new ArrayList<>();
      add(name, names, found);
      if (file.otherNames().containsKey(name)) {
        add(file.otherNames().get(name), names, found);
      }
      if (!found.isEmpty()) {
        layers.put(name, found);
      }
    }
  }

  private void add(String name, Set<String> names, List<String> found) {
    String layer = SchemeChoice.layer(name);
    boolean another = layer.equals(name) && names.contains(name + WEIGHT);
    if (!another && recorded.layers().contains(layer) && !found.contains(layer)) {
      found.add(layer);
    }
  }

  /**
   * Assigns inputs to the tensors of a file.
   *
   * @param file the model
   * @param recorded inputs, some of which may be of other models
   * @return the assignment
   */
  public static LayerInputs of(WeightFile file, RecordedInputs recorded) {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(recorded, "recorded");
    return new LayerInputs(file, recorded);
  }

  /**
   * Returns the rows that were recorded.
   *
   * @return what {@link #layer} names layers of
   */
  public RecordedInputs recorded() {
    return recorded;
  }

  /**
   * Returns whether no tensor of the file has recorded inputs.
   *
   * @return true if so
   */
  public boolean isEmpty() {
    return layers.isEmpty();
  }

  /**
   * Returns the recorded layer whose rows are the inputs of a weight.
   *
   * @param weight the name of a tensor of the file
   * @return one of {@link RecordedInputs#layers()}; empty where nothing was recorded
   * @throws IllegalArgumentException if inputs are recorded under both names of the weight
   */
  public Optional<String> layer(String weight) {
    Objects.requireNonNull(weight, "weight");
    List<String> found = layers.getOrDefault(weight, List.of());
    if (found.size() > 1) {
      throw new IllegalArgumentException("tensor " + weight + ": expected its inputs under one name, got "
          + found.get(0) + ".input and " + found.get(1) + ".input");
    }
    return found.stream().findFirst();
  }
}
