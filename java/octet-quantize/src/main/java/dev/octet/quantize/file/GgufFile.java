package dev.octet.quantize.file;

import dev.octet.quantize.mapped.Mapping;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reads a GGUF file: versions 2 and 3, little-endian. Tensors are views of the mapped file, and of any type;
 * metadata are copied, and stay when the file is closed. Safe for any number of threads.
 *
 * <p>
 * Refused by name are version 1, big-endian files, and the parts of a model in several files: these have to
 * be merged first. Arrays of arrays in the metadata are refused too. Keys and names are UTF-8; bytes of other
 * strings that are not are read as U+FFFD.
 *
 * <p>
 * <strong>A file must not be written to while it is open</strong>, as {@link WeightFile} has it.
 */
public final class GgufFile implements AutoCloseable {
  private final int version;
  private final Map<String, GgufValue> values;
  private final Map<String, GgufTensor> tensors = new LinkedHashMap<>();
  /** Null where the file is in memory. */
  private final Mapping mapping;

  private GgufFile(MemorySegment file, Mapping mapping) {
    GgufHeader header = GgufHeader.parse(file);
    this.mapping = mapping;
    this.version = header.version();
    this.values = header.values();
    for (GgufHeader.Place info : header.infos()) {
      long begin = info.bytes() == 0 ? 0 : header.dataStart() + info.begin();
      tensors.put(info.name(), new GgufTensor(info, file.asSlice(begin, info.bytes())));
    }
  }

  /**
   * Maps a file.
   *
   * @param path the file
   * @return the file, to be closed
   * @throws MalformedFileException if it is no whole GGUF file of version 2 or 3, or damaged
   * @throws IllegalArgumentException if it is a folder, or no regular file
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static GgufFile open(Path path) {
    Objects.requireNonNull(path, "path");
    return MappedFile.open(path, GgufFile::new);
  }

  /**
   * Returns whether a path is a file that begins as GGUF files do.
   *
   * @param path a path
   * @return false where there is no regular file or its first bytes are others
   * @throws java.io.UncheckedIOException if the file cannot be read
   */
  public static boolean isAt(Path path) {
    return Files.isRegularFile(Objects.requireNonNull(path, "path"))
        && OtherFormat.start(path).startsWith("GGUF");
  }

  /**
   * Reads a file that is in memory.
   *
   * @param contents the whole file, native or heap; borrowed
   * @return the file
   * @throws MalformedFileException if it is no whole GGUF file of version 2 or 3, or damaged
   */
  public static GgufFile of(MemorySegment contents) {
    return new GgufFile(Objects.requireNonNull(contents, "contents"), null);
  }

  /**
   * Returns the version of the format.
   *
   * @return 2 or 3
   */
  public int version() {
    return version;
  }

  /**
   * Returns the metadata without their types.
   *
   * @return an immutable map in the order of the file, from keys such as {@code general.architecture} to
   *         values as {@link GgufValue#value()} has them
   */
  public Map<String, Object> metadata() {
    Map<String, Object> metadata = new LinkedHashMap<>();
    values.forEach((key, value) -> metadata.put(key, value.value()));
    return Collections.unmodifiableMap(metadata);
  }

  /**
   * Returns the metadata with their types.
   *
   * @return an immutable map in the order of the file
   */
  public Map<String, GgufValue> values() {
    return values;
  }

  /**
   * Returns the names of all tensors.
   *
   * @return an immutable list in the order of the file
   */
  public List<String> names() {
    return List.copyOf(tensors.keySet());
  }

  /**
   * Returns all tensors.
   *
   * @return an immutable list in the order of the file
   */
  public List<GgufTensor> tensors() {
    return List.copyOf(tensors.values());
  }

  /**
   * Returns a tensor.
   *
   * @param name its name
   * @return the tensor
   * @throws IllegalArgumentException if there is none
   */
  public GgufTensor tensor(String name) {
    return Names.require(tensors, name);
  }

  /**
   * Returns the files that are mapped.
   *
   * @return an immutable list, empty where the file is in memory
   */
  public List<Path> files() {
    return mapping == null ? List.of() : mapping.paths();
  }

  /**
   * Refuses a file that was written to since it was opened. A file in memory never is.
   *
   * @throws java.io.UncheckedIOException naming the file
   */
  public void requireUnchanged() {
    if (mapping != null) {
      mapping.requireUnchanged();
    }
  }

  /** Unmaps the file. */
  @Override
  public void close() {
    if (mapping != null) {
      mapping.close();
    }
  }
}
