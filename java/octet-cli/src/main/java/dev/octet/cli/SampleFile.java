package dev.octet.cli;

import dev.octet.Shape;
import dev.octet.onnx.value.Dimension;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import dev.octet.quantize.file.SafetensorsFile;
import dev.octet.quantize.file.StoredTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sample data for the inputs of a model: safetensors with a tensor for each of them, whose first axis is the
 * samples. A run takes one of them, or as many as the model wants.
 */
final class SampleFile implements AutoCloseable {
  private final SafetensorsFile file;
  private final List<Map<String, Tensor>> runs = new ArrayList<>();

  /**
   * Opens a file.
   *
   * @param inputs of the model
   */
  SampleFile(Path path, List<TensorInfo> inputs) {
    this.file = SafetensorsFile.open(path);
    try {
      long count = -1;
      for (StoredTensor tensor : file.tensors()) {
        if (inputs.stream().noneMatch(input -> input.name().equals(tensor.name()))) {
          throw new IllegalArgumentException(
              "--calibration: the model has no input " + tensor.name() + ", it has " + inputs);
        }
      }
      for (TensorInfo input : inputs) {
        StoredTensor tensor = file.tensors().stream().filter(one -> one.name().equals(input.name()))
            .findFirst().orElseThrow(() -> new IllegalArgumentException(
                "--calibration: " + path + " has no tensor " + input.name() + ", an input of the model"));
        long samples = split(tensor, input);
        if (count >= 0 && samples != count) {
          throw new IllegalArgumentException("--calibration: expected " + count + " samples of "
              + input.name() + " as of the inputs before, got " + samples);
        }
        count = samples;
      }
    } catch (Throwable e) {
      file.close();
      throw e;
    }
  }

  /** Adds an input to each run; returns how many runs there are. */
  private long split(StoredTensor tensor, TensorInfo input) {
    Shape shape = tensor.shape();
    Dimension first = input.dimensions().filter(dims -> !dims.isEmpty()).map(List::getFirst).orElse(null);
    long each = first != null && first.isFixed() ? first.length() : 1;
    if (!tensor.typeName().equals(input.type().name()) || shape.rank() == 0 || each == 0
        || shape.dim(0) % each != 0) {
      throw new IllegalArgumentException("--calibration: expected samples of " + input
          + " along the first axis, got " + tensor.typeName() + " " + shape);
    }
    long[] dims = shape.toArray();
    long count = dims[0] / each;
    dims[0] = each;
    Shape one = Shape.of(dims);
    long bytes = one.elements() * input.type().bytes();
    for (int run = 0; run < count; run++) {
      if (run == runs.size()) {
        runs.add(new LinkedHashMap<>());
      }
      runs.get(run).put(input.name(),
          Tensor.of(input.type(), one, tensor.data().asSlice(run * bytes, bytes)));
    }
    return count;
  }

  /** The inputs of each run; readable until this is closed. */
  List<Map<String, Tensor>> runs() {
    return runs;
  }

  @Override
  public void close() {
    file.close();
  }
}
