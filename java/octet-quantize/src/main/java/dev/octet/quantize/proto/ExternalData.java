package dev.octet.quantize.proto;

import dev.octet.quantize.mapped.FileError;
import dev.octet.quantize.mapped.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The files beside an ONNX model that hold data of its tensors. Only files in the model's folder or below:
 * neither an absolute location nor one with {@code ..} nor a symbolic link leads out of it.
 */
public final class ExternalData {
  private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");

  private final Path folder;
  private final Mapping mapping;
  /** Each file is mapped once, however many tensors it holds. */
  private final Map<Path, MemorySegment> files = new HashMap<>();
  private final SortedSet<String> locations = new TreeSet<>();

  /**
   * Files of a model.
   *
   * @param folder of the model; null where it is in memory
   * @param mapping of the model, which the files join; null where it is in memory
   */
  public ExternalData(Path folder, Mapping mapping) {
    this.folder = folder;
    this.mapping = mapping;
  }

  /**
   * The data of a tensor.
   *
   * @param entries location, offset and length, as the tensor has them
   * @param bytes the length where there is none
   */
  MemorySegment range(Map<String, String> entries, long bytes) {
    String location = entries.getOrDefault("location", "");
    MemorySegment file = file(location);
    long offset = number(entries, "offset", 0);
    long length = number(entries, "length", bytes);
    if (offset > file.byteSize() || length > file.byteSize() - offset) {
      throw new MalformedMessageException("external data: " + length + " bytes from " + offset
          + " are not in \"" + location + "\", which has " + file.byteSize());
    }
    return file.asSlice(offset, length);
  }

  private static long number(Map<String, String> entries, String key, long otherwise) {
    String text = entries.get(key);
    if (text == null) {
      return otherwise;
    }
    if (!DIGITS.matcher(text).matches()) {
      throw new MalformedMessageException("external data in \"" + entries.get("location") + "\": " + key
          + ": expected a number of bytes, of up to 18 decimal digits, got \"" + text + "\"");
    }
    return Long.parseLong(text);
  }

  /** The files that were mapped. */
  public Set<Path> files() {
    return Set.copyOf(files.keySet());
  }

  /**
   * What tensors call the files that were mapped, below the folder of the model: a link may lead to another.
   */
  public SortedSet<String> locations() {
    return Collections.unmodifiableSortedSet(locations);
  }

  private MemorySegment file(String location) {
    if (folder == null) {
      throw new MalformedMessageException(
          "its data are in the file \"" + location + "\", and this model is in no folder");
    }
    Path real;
    try {
      Path root = folder.toRealPath();
      Path file = Path.of(location);
      if (location.isEmpty() || file.isAbsolute() || !root.resolve(file).normalize().startsWith(root)
          || !root.resolve(file).toRealPath().startsWith(root)) {
        throw new MalformedMessageException(
            "external data: expected a file in the folder of the model, got \"" + location + "\"");
      }
      real = root.resolve(file).toRealPath();
      if (Files.isDirectory(real)) {
        throw new MalformedMessageException(
            "external data: expected a file in the folder of the model, got \""
                + location + "\", which is a folder");
      }
    } catch (NoSuchFileException | InvalidPathException e) {
      throw new MalformedMessageException("external data: there is no file \"" + location + "\"", e);
    } catch (IOException e) {
      throw FileError.reading(folder.resolve(location), e);
    }
    locations.add(location);
    return files.computeIfAbsent(real, mapping::map);
  }
}
