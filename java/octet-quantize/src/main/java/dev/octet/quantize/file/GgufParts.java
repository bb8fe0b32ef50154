package dev.octet.quantize.file;

import dev.octet.quantize.mapped.FileError;
import dev.octet.quantize.mapped.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;

/**
 * Puts the parts of a model together, {@code NAME-00001-of-00003.gguf} and the others beside it, as
 * llama-gguf-split writes them: the first has the metadata.
 */
final class GgufParts {
  private final GgufPart first;
  private final Map<String, GgufValue> values;
  private final Map<String, GgufTensor> tensors;

  private GgufParts(GgufPart first, Map<String, GgufValue> values, Map<String, GgufTensor> tensors) {
    this.first = first;
    this.values = values;
    this.tensors = tensors;
  }

  /**
   * Adds the parts after the first.
   *
   * @param path of the first
   * @param first what it says of itself
   * @param mapping maps the others
   * @param values those of the first, and of the others what it does not have
   * @param tensors those of the first, and then those of the others
   * @throws MalformedFileException if the path is no first part, a part is missing, damaged or another one,
   *         parts say different things, a tensor is in two of them, or there are more or fewer than all
   */
  static void add(Path path, GgufPart first, Mapping mapping, Map<String, GgufValue> values,
      Map<String, GgufTensor> tensors) {
    String prefix = first.prefix(path.getFileName().toString());
    if (first.number() != 0) {
      throw new MalformedFileException("GGUF: this is " + first + " of a model; open the first, "
          + first.name(prefix, 0));
    }
    GgufParts parts = new GgufParts(first, values, tensors);
    try {
      Path folder = path.toAbsolutePath().getParent().toRealPath();
      Path linked = path.toRealPath().getParent();
      for (long part = 1; part < first.count(); part++) {
        String name = first.name(prefix, part);
        parts.add(name, part, mapping.map(FilesBeside.find("part " + (part + 1), name, folder, linked)));
      }
    } catch (IOException e) {
      throw FileError.reading(path, e);
    }
    if (tensors.size() != first.tensors()) {
      throw new MalformedFileException("GGUF: expected " + first.tensors() + " tensors in all of its "
          + first.count() + " parts, got " + tensors.size());
    }
  }

  private void add(String name, long number, MemorySegment file) {
    GgufHeader header;
    GgufPart part;
    try {
      header = GgufHeader.parse(file);
      part = GgufPart.of(header.values());
    } catch (MalformedFileException e) {
      throw new MalformedFileException(name + ": " + e.getMessage(), e);
    }
    GgufPart expected = new GgufPart(number, first.count(), first.tensors());
    if (!expected.equals(part)) {
      throw new MalformedFileException(name + ": expected " + text(expected) + ", as the first part and the"
          + " name have it, got " + text(part));
    }
    header.values().forEach((key, value) -> {
      GgufValue before = GgufPart.KEYS.contains(key) ? null : values.putIfAbsent(key, value);
      if (before != null && !before.equals(value)) {
        throw new MalformedFileException(
            name + ": metadata " + key + ": is " + value + ", and " + before + " in an earlier part");
      }
    });
    header.tensors(file).forEach((tensor, its) -> {
      if (tensors.putIfAbsent(tensor, its) != null) {
        throw new MalformedFileException(name + ": tensor " + tensor + ": is in an earlier part too");
      }
    });
  }

  private static String text(GgufPart part) {
    return part == null ? "a whole model" : part + ", of " + part.tensors() + " tensors";
  }
}
