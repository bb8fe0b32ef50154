package dev.octet.onnx.internal.packs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A folder that threads and processes fill at the same time. A file appears when it is complete, and the
 * first one stays, so that all map the same pages.
 */
final class SharedFiles {
  /** A file that is being written is older than this only if its writer has died. */
  private static final Duration ABANDONED = Duration.ofHours(1);
  /**
   * What {@link #open} and {@code PackedWeights.writeTo} write aside: the folder may have files of others.
   */
  private static final Pattern ASIDE = Pattern
      .compile("[0-9a-f]{64}\\.[a-z]+\\.[0-9a-f-]{36}\\.tmp(\\.[0-9a-f]{1,16}\\.tmp)?");

  private final Path folder;
  private boolean swept;

  SharedFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * Opens a file, which is written where it is missing, or is not what its name says.
   *
   * @param name of the file
   * @param open reads it; empty where it is not what it should be
   * @param write writes it
   * @throws UncheckedIOException if it cannot be read or written
   */
  <T> T open(String name, Function<Path, Optional<T>> open, Consumer<Path> write) {
    Path file = folder.resolve(name);
    Path aside = folder.resolve(name + "." + UUID.randomUUID() + ".tmp");
    try {
      Files.createDirectories(folder);
      if (!swept) {
        swept = true;
        deleteAbandoned();
      }
      boolean there = Files.exists(file);
      Optional<T> found = there ? open.apply(file) : Optional.empty();
      if (found.isPresent()) {
        return found.get();
      }
      try {
        write.accept(aside);
        place(aside, file, there);
      } finally {
        Files.deleteIfExists(aside);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("weight cache: cannot write " + file + ": " + e, e);
    }
    return open.apply(file).orElseThrow(() -> new UncheckedIOException(
        new IOException("weight cache: " + file + " is not what was written; something else writes there")));
  }

  private static void place(Path aside, Path file, boolean replace) throws IOException {
    if (!replace) {
      try {
        Files.createLink(file, aside); // unlike a move, it fails where another process was first
        return;
      } catch (FileAlreadyExistsException e) {
        return;
      } catch (UnsupportedOperationException | FileSystemException e) {
        // a file system without links: where two processes are first, each maps a file of its own
      }
    }
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Deletes what writers that were killed have left, as far as this user may. */
  private void deleteAbandoned() {
    FileTime limit = FileTime.from(Instant.now().minus(ABANDONED));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder,
        file -> ASIDE.matcher(file.getFileName().toString()).matches()
            && Files.getLastModifiedTime(file).compareTo(limit) < 0)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // another process has deleted one, or it is another user's: they take room, and nothing else
    }
  }
}
