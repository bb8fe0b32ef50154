package dev.octet.quantize.file;

import dev.octet.QTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file. What is quantized in it is found by name: a tensor {@code NAME} of bytes with a tensor
 * {@code NAME_scale} beside it, and {@code NAME_zero_point} where zero points are not all 0; see
 * {@link StoredQuantization}.
 */
public final class SafetensorsFile implements WeightFile {
  private final Arena arena;
  private final List<Path> files;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata;
  private final StoredQuantization quantization;

  private SafetensorsFile(MemorySegment file, Arena arena, Path path) {
    this.arena = arena;
    this.files = path == null ? List.of() : List.of(path);
    if (file.byteSize() < 8) {
      throw new MalformedFileException("safetensors: expected 8 bytes of header length, got "
          + file.byteSize() + " bytes in all");
    }
    long length = Mapping.headerLength(file);
    if (length < 0 || length > SafetensorsHeader.MAX_BYTES || length > file.byteSize() - 8) {
      throw new MalformedFileException("safetensors: expected a header of at most "
          + Math.min(SafetensorsHeader.MAX_BYTES, file.byteSize() - 8) + " bytes, got "
          + Long.toUnsignedString(length));
    }
    MemorySegment data = file.asSlice(8 + length);
    SafetensorsHeader header = SafetensorsHeader
        .parse(file.asSlice(8, length).toArray(ValueLayout.JAVA_BYTE), data.byteSize());
    header.entries().forEach((name, entry) -> tensors.put(name, new StoredTensor(name, entry.type(),
        entry.shape(), data.asSlice(entry.begin(), entry.end() - entry.begin()))));
    this.metadata = header.metadata();
    this.quantization = StoredQuantization.read(tensors, List.of(metadata),
        path == null ? null : QuantizationConfig.of(path.toAbsolutePath().getParent()));
  }

  /**
   * Maps a file.
   *
   * @param path the file
   * @return the file, to be closed
   * @throws MalformedFileException if it is no safetensors file
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static SafetensorsFile open(Path path) {
    return Mapping.open(path, (file, arena) -> new SafetensorsFile(file, arena, path));
  }

  /**
   * The contents of a file in memory.
   *
   * @param contents the whole file, native or heap; borrowed
   * @return the file
   * @throws MalformedFileException if it is no safetensors file
   */
  public static SafetensorsFile of(MemorySegment contents) {
    return new SafetensorsFile(contents, null, null);
  }

  @Override
  public String format() {
    return "safetensors";
  }

  @Override
  public List<StoredTensor> tensors() {
    return List.copyOf(tensors.values());
  }

  boolean has(String name) {
    return tensors.containsKey(name);
  }

  @Override
  public StoredTensor tensor(String name) {
    return Names.require(tensors, name);
  }

  @Override
  public List<String> quantizedNames() {
    return quantization.names();
  }

  @Override
  public QTensor quantized(String name) {
    return quantization.tensor(name);
  }

  @Override
  public WeightAxes axes(String name) {
    return quantization.axes(name);
  }

  @Override
  public List<ForeignWeights> foreign() {
    return quantization.foreign();
  }

  @Override
  public Map<String, String> unreadable() {
    return quantization.unreadable();
  }

  @Override
  public boolean isOurs(String name) {
    return quantization.isOurs(name);
  }

  @Override
  public boolean isParameter(String name) {
    return quantization.isParameter(name);
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public List<Path> files() {
    return files;
  }

  @Override
  public void close() {
    if (arena != null && arena.scope().isAlive()) {
      arena.close();
    }
  }
}
