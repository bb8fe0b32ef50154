package dev.octet.quantize.mapped;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * The files of one reader as memory, or a stream, and what they were like when they were mapped.
 *
 * <p>
 * A file that another process shortens while it is mapped reads as zeros up to the end of a page, and is an
 * InternalError beyond it, or, where the memory is written to a file, an IOException: {@link #reading} makes
 * one plain error of these.
 */
public final class Mapping implements AutoCloseable {
  private final Arena arena;
  /** By path, as they were before they were mapped. */
  private final Map<Path, BasicFileAttributes> files = new LinkedHashMap<>();

  /** In an arena that is closed with this. */
  private Mapping(Arena arena) {
    this.arena = arena;
  }

  /**
   * Maps a file and reads it; it is unmapped where that fails.
   *
   * @param path the file
   * @param reader of its memory, which owns the mapping from then on
   * @return what the reader made
   * @throws UncheckedIOException if the file cannot be read, or changed while it was read
   */
  public static <T> T open(Path path, BiFunction<MemorySegment, Mapping, T> reader) {
    Mapping mapping = new Mapping(StreamMemory.shared());
    try {
      return reading(mapping::requireUnchanged, () -> reader.apply(mapping.map(path), mapping));
    } catch (Throwable e) {
      mapping.close();
      throw e;
    }
  }

  /**
   * Reads a stream to its end into native memory, which is freed when it is closed: a model on the heap would
   * stay there until the garbage collector comes.
   *
   * @param stream not closed
   * @param reader of the memory, which owns the mapping from then on
   * @return what the reader made
   * @throws IOException if the stream cannot be read
   */
  public static <T> T open(InputStream stream, BiFunction<MemorySegment, Mapping, T> reader)
      throws IOException {
    StreamMemory memory = StreamMemory.read(stream);
    Mapping mapping = new Mapping(memory.arena());
    try {
      return reader.apply(memory.data(), mapping);
    } catch (Throwable e) {
      mapping.close();
      throw e;
    }
  }

  /**
   * Reads memory of mapped files. What came of it is given back only if no file changed meanwhile; a failure
   * is told as the change of a file where one changed.
   *
   * @param requireUnchanged {@link #requireUnchanged} of all files
   * @param work what reads them
   * @return what the work gives
   * @throws UncheckedIOException if a file changed
   */
  public static <T> T reading(Runnable requireUnchanged, Supplier<T> work) {
    T result;
    try {
      result = raisingFaults(work);
    } catch (RuntimeException | InternalError e) {
      try {
        requireUnchanged.run();
      } catch (UncheckedIOException changed) {
        changed.addSuppressed(e);
        throw changed;
      }
      throw e;
    }
    requireUnchanged.run();
    return result;
  }

  /**
   * Reads memory of mapped files, and raises the InternalError of pages that are no longer there before it
   * returns. Without this the error can pass the try block around an access: compiled code skips the
   * instruction that faults, goes on with any value, and gets the error at its next safepoint poll. A call of
   * a native method ends with a poll; this one is no intrinsic and takes 12 ns (HotSpot 25, x86-64).
   *
   * @param work what reads them
   * @return what the work gives
   * @throws InternalError if a page could not be read
   */
  public static <T> T raisingFaults(Supplier<T> work) {
    try {
      return work.get();
    } finally {
      Thread.holdsLock(work);
    }
  }

  /** The whole file, read-only, until this is closed. */
  public MemorySegment map(Path path) {
    FileError.requireFile(path);
    try {
      files.put(path, Files.readAttributes(path, BasicFileAttributes.class));
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      }
    } catch (IOException e) {
      throw FileError.reading(path, e);
    }
  }

  /** The files, in the order in which they were mapped. */
  public List<Path> paths() {
    return List.copyOf(files.keySet());
  }

  /**
   * Refuses files that were written to since they were mapped. One that was replaced or removed is none: what
   * is mapped is the old one.
   *
   * @throws UncheckedIOException naming the file
   */
  public void requireUnchanged() {
    files.forEach((path, before) -> {
      BasicFileAttributes now;
      try {
        now = Files.readAttributes(path, BasicFileAttributes.class);
      } catch (IOException e) {
        return; // removed
      }
      if (Objects.equals(now.fileKey(), before.fileKey())
          && !(now.size() == before.size() && now.lastModifiedTime().equals(before.lastModifiedTime()))) {
        String message = path + " changed while it was read: it had " + before.size() + " bytes and has "
            + now.size();
        throw new UncheckedIOException(message, new IOException(message));
      }
    });
  }

  /** Unmaps the files, or frees what was read. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
