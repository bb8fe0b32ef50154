package dev.octet.quantize.file;

import dev.octet.BlockTensor;
import dev.octet.QTensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A GGUF file as a file of weights: plain numbers by their types, blocks as bytes of a type by another name,
 * and as {@link #blocks}.
 */
final class GgufWeights implements WeightFile {
  private final GgufFile file;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private GgufWeights(GgufFile file) {
    this.file = file;
    for (GgufTensor tensor : file.tensors()) {
      tensors.put(tensor.name(), tensor.type().stored().isPresent()
          ? tensor.stored()
          : new StoredTensor(tensor.name(), StoredType.OTHER, tensor.shape(), tensor.data(),
              tensor.typeName()));
    }
    file.values().forEach((key, value) -> {
      if (!value.isArray()) {
        metadata.put(key, value.value().toString());
      }
    });
  }

  static GgufWeights open(Path path) {
    return new GgufWeights(GgufFile.open(path));
  }

  @Override
  public String format() {
    return "GGUF";
  }

  @Override
  public List<StoredTensor> tensors() {
    return List.copyOf(tensors.values());
  }

  @Override
  public StoredTensor tensor(String name) {
    return Names.require(tensors, name);
  }

  @Override
  public List<String> quantizedNames() {
    return List.of();
  }

  @Override
  public QTensor quantized(String name) {
    throw new IllegalArgumentException("tensor " + tensor(name).name() + ": is not quantized to integers with"
        + " scales beside them");
  }

  @Override
  public Optional<BlockTensor> blocks(String name) {
    GgufTensor tensor = file.tensor(name);
    return tensor.type().block().map(format -> tensor.block());
  }

  @Override
  public WeightAxes axes(String name) {
    int rank = tensor(name).shape().rank();
    return rank == 3 && GgufKinds.isStack(name) ? new WeightAxes(1, 2) : WeightAxes.of(0, rank);
  }

  @Override
  public boolean isWeight(String name) {
    return GgufKinds.floats(tensor(name).name()) == null;
  }

  @Override
  public boolean isParameter(String name) {
    tensor(name);
    return false;
  }

  @Override
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
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
