package dev.octet.quantize.file;

import dev.octet.quantize.mapped.Mapping;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.BiFunction;

/** Opens files that are mapped, so that what is wrong in one names it. */
final class MappedFile {
  private MappedFile() {}

  /**
   * Maps a file and reads it; it is unmapped where that fails.
   *
   * @param path the file
   * @param reader of its memory, which owns the mapping from then on
   * @return what the reader made
   * @throws MalformedFileException if the reader throws one; the message begins with the path
   * @throws java.io.UncheckedIOException if the file cannot be read, or changed while it was read
   */
  static <T> T open(Path path, BiFunction<MemorySegment, Mapping, T> reader) {
    return Mapping.open(path, (file, mapping) -> {
      try {
        return reader.apply(file, mapping);
      } catch (MalformedFileException e) {
        throw new MalformedFileException(path + ": " + e.getMessage(), e);
      }
    });
  }
}
