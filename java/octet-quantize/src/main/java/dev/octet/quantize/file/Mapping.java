package dev.octet.quantize.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.BiFunction;

/** A file as memory. */
final class Mapping {
  private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);

  private Mapping() {}

  /** The whole file, read-only, for as long as the arena lives. */
  static MemorySegment map(Path path, Arena arena) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path + ": " + e, e);
    }
  }

  /**
   * Maps a file and reads it; the arena is closed where that fails, and the message names the file.
   *
   * @param path the file
   * @param reader of its memory, which owns the arena from then on
   * @return what the reader made
   * @throws MalformedFileException if the reader throws one
   * @throws UncheckedIOException if the file cannot be read
   */
  @SuppressWarnings("MustBeClosedChecker") // closed with what the reader made
  static <T> T open(Path path, BiFunction<MemorySegment, Arena, T> reader) {
    Arena arena = Arena.ofShared();
    try {
      return reader.apply(map(path, arena), arena);
    } catch (MalformedFileException e) {
      arena.close();
      throw new MalformedFileException(path + ": " + e.getMessage(), e);
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  /** Whether there is a header length within the file, and a brace after it. */
  static boolean startsLikeSafetensors(Path path) {
    ByteBuffer start = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      while (start.hasRemaining() && channel.read(start) >= 0) {
        // a short read: the rest comes with the next
      }
      return !start.hasRemaining() && start.get(8) == '{' && start.getLong(0) >= 0
          && start.getLong(0) <= channel.size() - 8;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path + ": " + e, e);
    }
  }

  /** The length of the header that a safetensors file starts with. */
  static long headerLength(MemorySegment file) {
    return file.get(LENGTH, 0);
  }
}
