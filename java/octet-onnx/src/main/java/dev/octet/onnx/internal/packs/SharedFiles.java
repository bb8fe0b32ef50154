package dev.octet.onnx.internal.packs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
  /**
   * A file that is being written is older than this only if its writer has died, or stands still, as with a
   * machine that sleeps. The latter writes once more; a lock on the file would keep it, but not on every file
   * system, and on some it keeps others from moving the file.
   */
  private static final Duration ABANDONED = Duration.ofHours(1);
  /** Each loss takes a sweep of another process, which a process does once for each model. */
  private static final int TRIES = 3;
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
   * Opens a file, which is written where it is missing, or is not what its name says. A file, or all of the
   * folder, that vanishes meanwhile is written once more.
   *
   * @param name of the file
   * @param open reads it; empty where it is not what it should be
   * @param write writes it
   * @throws UncheckedIOException if it cannot be read or written
   */
  <T> T open(String name, Function<Path, Optional<T>> open, Consumer<Path> write) {
    Path file = folder.resolve(name);
    try {
      for (int tries = 1;; tries++) {
        try {
          return openOrWrite(file, open, write);
        } catch (NoSuchFileException e) {
          if (tries == TRIES) {
            throw e;
          }
        } catch (UncheckedIOException e) {
          if (tries == TRIES || !(e.getCause() instanceof NoSuchFileException)) {
            throw e;
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("weight cache: cannot write " + file + ": " + e, e);
    }
  }

  private <T> T openOrWrite(Path file, Function<Path, Optional<T>> open, Consumer<Path> write)
      throws IOException {
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
    Path aside = folder.resolve(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      write.accept(aside);
      place(aside, file, there);
    } finally {
      Files.deleteIfExists(aside);
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
        file -> ASIDE.matcher(file.getFileName().toString()).matches())) {
      for (Path file : files) {
        deleteIfOlder(file, limit);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // a folder that this user may not list: what is left there takes room, and nothing else
    }
  }

  private static void deleteIfOlder(Path file, FileTime limit) {
    try {
      if (Files.getLastModifiedTime(file).compareTo(limit) < 0) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // another process has deleted it, or it is another user's
    }
  }
}
