package dev.octet.quantize.file;

import dev.octet.QTensor;
import dev.octet.quantize.Glob;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Wraps a file of which some weights have their output features last: matrices {@code [in][out]}, such as
 * those of GPT-2 in safetensors, and stacks {@code [experts][in][out]}. Without this, a file without a graph
 * is taken to have {@code [out][in]} and {@code [experts][out][in]}. Everything but {@link #axes} is the
 * file's; closing this closes the file.
 *
 * {@snippet :
 * try (WeightFile file = OutputsLast.of(WeightFile.open(path), List.of("*.experts.*"))) {
 *   WeightQuantizer.quantize(file, out, new SchemeChoice(scheme), method, List.of(), Map.of(), progress);
 * }
 * }
 */
public final class OutputsLast implements WeightFile {
  private final WeightFile file;
  /** From the names of these weights to their axes. */
  private final Map<String, WeightAxes> turned;

  private OutputsLast(WeightFile file, Map<String, WeightAxes> turned) {
    this.file = file;
    this.turned = turned;
  }

  /**
   * Reads weights of a file with their output features last. Quantized tensors, and those of fewer than two
   * dimensions, stay as they are.
   *
   * @param file the file, closed with the result, or when this refuses
   * @param layers {@link Glob}s of names of tensors without {@code .weight}
   * @return the file with these axes
   * @throws IllegalArgumentException if the file has a graph, which says what the axes are, or is GGUF, which
   *         says it too, a glob matches no matrix or stack of floats, or it matches a tensor of floats of
   *         more than three dimensions
   */
  public static OutputsLast of(WeightFile file, List<String> layers) {
    try {
      return new OutputsLast(file, turned(file, layers));
    } catch (IllegalArgumentException e) {
      file.close();
      throw e;
    }
  }

  private static Map<String, WeightAxes> turned(WeightFile file, List<String> layers) {
    if (file instanceof OnnxFile) {
      throw new IllegalArgumentException("outputs last: the graph of an ONNX model says which axis the output"
          + " features of its weights are, expected none to be named, got " + layers);
    }
    if (file instanceof GgufWeights) {
      throw new IllegalArgumentException("outputs last: weights of GGUF have their output features first,"
          + " expected none to be named, got " + layers);
    }
    Set<String> foreign = new HashSet<>();
    file.foreign().forEach(weights -> foreign.addAll(weights.tensors()));
    Map<String, WeightAxes> turned = new LinkedHashMap<>();
    for (String layer : layers) {
      Glob glob = Glob.of(layer);
      List<StoredTensor> found = file.tensors().stream()
          .filter(tensor -> glob.matches(SchemeChoice.layer(tensor.name())) && tensor.type().isFloat()
              && tensor.shape().rank() > 1 && !file.isParameter(tensor.name())
              && !foreign.contains(tensor.name()))
          .toList();
      if (found.isEmpty()) {
        throw new IllegalArgumentException("outputs last: expected the name of a layer whose weight is a"
            + " matrix or a stack of matrices of floats, got \"" + layer + "\", which is none's");
      }
      for (StoredTensor tensor : found) {
        int rank = tensor.shape().rank();
        if (rank > 3) {
          throw new IllegalArgumentException("outputs last: expected a matrix [in][out] or a stack"
              + " [experts][in][out], got " + tensor + ", which \"" + layer + "\" matches");
        }
        turned.put(tensor.name(), new WeightAxes(rank - 1, rank - 2));
      }
    }
    return turned;
  }

  /**
   * Returns the weights that have their output features last.
   *
   * @return names of tensors
   */
  public List<String> names() {
    return List.copyOf(turned.keySet());
  }

  boolean isNamed(String name) {
    return turned.containsKey(name);
  }

  @Override
  public WeightAxes axes(String name) {
    WeightAxes axes = turned.get(name);
    return axes == null ? file.axes(name) : axes;
  }

  @Override
  public String format() {
    return file.format();
  }

  @Override
  public List<StoredTensor> tensors() {
    return file.tensors();
  }

  @Override
  public StoredTensor tensor(String name) {
    return file.tensor(name);
  }

  @Override
  public List<String> quantizedNames() {
    return file.quantizedNames();
  }

  @Override
  public QTensor quantized(String name) {
    return file.quantized(name);
  }

  @Override
  public boolean isWeight(String name) {
    return file.isWeight(name);
  }

  @Override
  public List<ForeignWeights> foreign() {
    return file.foreign();
  }

  @Override
  public Map<String, String> unreadable() {
    return file.unreadable();
  }

  @Override
  public boolean isOurs(String name) {
    return file.isOurs(name);
  }

  @Override
  public boolean isParameter(String name) {
    return file.isParameter(name);
  }

  @Override
  public Map<String, String> metadata() {
    return file.metadata();
  }

  @Override
  public List<Path> files() {
    return file.files();
  }

  @Override
  public void requireUnchanged() {
    file.requireUnchanged();
  }

  @Override
  public void close() {
    file.close();
  }
}
