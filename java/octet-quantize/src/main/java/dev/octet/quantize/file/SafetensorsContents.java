package dev.octet.quantize.file;

import dev.octet.quantize.mapped.FileError;
import dev.octet.quantize.mapped.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** The tensors and the text of one safetensors file; what they mean to each other is told elsewhere. */
final class SafetensorsContents implements AutoCloseable {
  private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path path;
  private final Mapping mapping;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata;

  /**
   * Reads a header.
   *
   * @param file the whole file
   * @param mapping of the file, closed with this; null where somebody else owns the memory
   * @param path of the file; null where it is in memory
   */
  SafetensorsContents(MemorySegment file, Mapping mapping, Path path) {
    this.path = path;
    this.mapping = mapping;
    if (file.byteSize() < 8) {
      throw new MalformedFileException("safetensors: expected 8 bytes of header length, got "
          + file.byteSize() + " bytes in all");
    }
    long length = file.get(LENGTH, 0);
    if (length < 0 || length > SafetensorsHeader.MAX_BYTES || length > file.byteSize() - 8) {
      throw new MalformedFileException("safetensors: expected a header of at most "
          + Math.min(SafetensorsHeader.MAX_BYTES, file.byteSize() - 8) + " bytes, got "
          + Long.toUnsignedString(length));
    }
    MemorySegment data = file.asSlice(8 + length);
    SafetensorsHeader header = SafetensorsHeader
        .parse(file.asSlice(8, length).toArray(ValueLayout.JAVA_BYTE), data.byteSize());
    header.entries().forEach((name, entry) -> tensors.put(name, new StoredTensor(name, entry.type(),
        entry.shape(), data.asSlice(entry.begin(), entry.end() - entry.begin()), entry.typeName())));
    this.metadata = header.metadata();
  }

  /** Maps a file. */
  static SafetensorsContents open(Path path) {
    return MappedFile.open(path, (file, mapping) -> new SafetensorsContents(file, mapping, path));
  }

  /** The path; null where the file is in memory. */
  Path path() {
    return path;
  }

  /** By name, in the order of the file. */
  Map<String, StoredTensor> tensors() {
    return tensors;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  /** Refuses a file that was written to since it was mapped. */
  void requireUnchanged() {
    if (mapping != null) {
      mapping.requireUnchanged();
    }
  }

  /** Whether there is a header length within the file, and a brace after it. */
  static boolean startsLikeSafetensors(Path path) {
    FileError.requireFile(path);
    ByteBuffer start = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      while (start.hasRemaining() && channel.read(start) >= 0) {
        // a short read: the rest comes with the next
      }
      return !start.hasRemaining() && start.get(8) == '{' && start.getLong(0) >= 0
          && start.getLong(0) <= channel.size() - 8;
    } catch (IOException e) {
      throw FileError.reading(path, e);
    }
  }

  @Override
  public void close() {
    if (mapping != null) {
      mapping.close();
    }
  }
}
