package dev.octet.quantize.file;

import dev.octet.QTensor;
import dev.octet.quantize.mapped.Mapping;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** What safetensors in one file and in several have in common. */
abstract sealed class SafetensorsWeights implements WeightFile permits SafetensorsFile, ShardedSafetensors {
  private final Path index;
  private final Collection<SafetensorsContents> parts;
  private final Map<String, StoredTensor> tensors;
  private final Map<String, String> metadata;
  private final StoredQuantization quantization;

  /**
   * Puts tensors together with their scales.
   *
   * @param index a file that says what is in the others, or null
   * @param parts the files, closed with this
   * @param tensors of all files, by name
   * @param metadata text of all files
   * @param configured what a configuration beside the files says of their quantization
   */
  SafetensorsWeights(Path index, Collection<SafetensorsContents> parts, Map<String, StoredTensor> tensors,
      Map<String, String> metadata, QuantizationConfig configured) {
    this.index = index;
    this.parts = parts;
    this.metadata = Collections.unmodifiableMap(metadata);
    this.quantization = Mapping.reading(this::requireUnchanged, () -> StoredQuantization.read(tensors,
        parts.stream().map(SafetensorsContents::metadata).toList(), configured));
    this.tensors = quantization.tensors();
  }

  @Override
  public final List<StoredTensor> tensors() {
    return List.copyOf(tensors.values());
  }

  @Override
  public final StoredTensor tensor(String name) {
    Objects.requireNonNull(name, "name");
    return Names.require(tensors, name);
  }

  @Override
  public final List<String> quantizedNames() {
    return quantization.names();
  }

  @Override
  public final QTensor quantized(String name) {
    return Mapping.reading(this::requireUnchanged, () -> quantization.tensor(name));
  }

  @Override
  public final WeightAxes axes(String name) {
    return quantization.axes(name);
  }

  @Override
  public final List<ForeignWeights> foreign() {
    return quantization.foreign();
  }

  @Override
  public final Map<String, String> unreadable() {
    return quantization.unreadable();
  }

  @Override
  public final boolean isOurs(String name) {
    Objects.requireNonNull(name, "name");
    return quantization.isOurs(name);
  }

  @Override
  public final boolean isParameter(String name) {
    Objects.requireNonNull(name, "name");
    return quantization.isParameter(name);
  }

  @Override
  public final Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public final List<Path> files() {
    List<Path> all = new ArrayList<>();
    Stream.concat(Stream.ofNullable(index),
        parts.stream().map(SafetensorsContents::path).filter(Objects::nonNull)).forEach(all::add);
    all.stream().map(path -> path.toAbsolutePath().getParent()).distinct().toList()
        .forEach(folder -> QuantizationConfig.in(folder).forEach(all::add));
    return List.copyOf(all);
  }

  @Override
  public final void requireUnchanged() {
    parts.forEach(SafetensorsContents::requireUnchanged);
  }

  @Override
  public final void close() {
    parts.forEach(SafetensorsContents::close);
  }
}
