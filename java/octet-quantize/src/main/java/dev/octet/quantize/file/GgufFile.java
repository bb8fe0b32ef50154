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
 * Of a model in several files, {@code NAME-00001-of-00003.gguf} and so on, the first is opened, and is the
 * whole model: the others lie beside it, and are mapped and unmapped with it. Links are followed within the
 * folder, and, where the first is a link, to files beside the one that it leads to.
 *
 * <p>
 * Refused by name are version 1, big-endian files, and arrays of arrays in the metadata. Keys and names are
 * UTF-8; bytes of other strings that are not are read as U+FFFD.
 *
 * <p>
 * <strong>A file must not be written to while it is open</strong>, as {@link WeightFile} has it.
 */
public final class GgufFile implements AutoCloseable {
  private final int version;
  private final Map<String, GgufValue> values;
  private final Map<String, GgufTensor> tensors;
  /** Null where the file is in memory. */
  private final Mapping mapping;

  private GgufFile(int version, Map<String, GgufValue> values, Map<String, GgufTensor> tensors,
      Mapping mapping) {
    this.version = version;
    this.values = Collections.unmodifiableMap(values);
    this.tensors = tensors;
    this.mapping = mapping;
  }

  /**
   * Reads a file.
   *
   * @param path where the other parts of a model lie; null where the file is in memory
   */
  private static GgufFile read(MemorySegment file, Mapping mapping, Path path) {
    GgufHeader header = GgufHeader.parse(file);
    Map<String, GgufValue> values = new LinkedHashMap<>(header.values());
    Map<String, GgufTensor> tensors = header.tensors(file);
    GgufPart part = GgufPart.of(values);
    if (part != null && path == null) {
      throw new MalformedFileException("GGUF: this is " + part
          + " of a model, of which a file in memory is one alone; open the first by its path");
    }
    if (part != null) {
      GgufParts.add(path, part, mapping, values, tensors);
    }
    return new GgufFile(header.version(), values, tensors, mapping);
  }

  /**
   * Maps a file, or all files of a model.
   *
   * @param path the file, or the first of several parts
   * @return the file, to be closed
   * @throws MalformedFileException if it is no whole GGUF file of version 2 or 3, or damaged; of parts if it
   *         is not the first, another one is missing, outside of the folder or not the part that its name
   *         says, they say different things, or a tensor is in two of them
   * @throws IllegalArgumentException if it is a folder, or no regular file
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static GgufFile open(Path path) {
    Objects.requireNonNull(path, "path");
    return MappedFile.open(path, (file, mapping) -> read(file, mapping, path));
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
   * @throws MalformedFileException if it is no whole GGUF file of version 2 or 3, damaged, or a part of a
   *         model
   */
  public static GgufFile of(MemorySegment contents) {
    return read(Objects.requireNonNull(contents, "contents"), null, null);
  }

  /**
   * Returns the version of the format.
   *
   * @return 2 or 3; of parts that of the first
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
   * Returns one of the metadata, to be read as the type that is expected:
   * {@code file.metadata("llama.block_count").asInt()}.
   *
   * @param key such as {@code general.architecture}
   * @return the key with its value, whether there is one or not
   */
  public GgufMetadata metadata(String key) {
    return new GgufMetadata(this, Objects.requireNonNull(key, "key"));
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
   * @throws IllegalArgumentException if there is none; names like it are in the message
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
