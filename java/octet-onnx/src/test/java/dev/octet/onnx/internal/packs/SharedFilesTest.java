package dev.octet.onnx.internal.packs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writers that lose what they write, and what is left by writers that have died. */
class SharedFilesTest {
  private static final String NAME = "ab".repeat(32) + ".constant";
  private static final String OTHER = "cd".repeat(32) + ".constant";

  private Path folder;
  private int writes;

  @BeforeEach
  void folder(@TempDir Path parent) {
    folder = parent.resolve("cache");
  }

  private static Optional<String> read(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Another process prepares a model more than an hour after this one wrote last. */
  private void sweep() {
    try (Stream<Path> files = Files.list(folder)) {
      FileTime old = FileTime.from(Instant.now().minus(Duration.ofMinutes(61)));
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, old);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    new SharedFiles(folder).open(OTHER, SharedFilesTest::read, file -> write(file, "other"));
  }

  @Test
  void aWriterThatStoodStillForAnHourWritesOnceMore() {
    String got = new SharedFiles(folder).open(NAME, SharedFilesTest::read, file -> {
      write(file, "text");
      if (++writes == 1) {
        sweep();
        assertFalse(Files.exists(file));
      }
    });
    assertEquals("text", got);
    assertEquals(2, writes);
  }

  /** As PackFile does, whose own file beside it was swept. */
  @Test
  void aWriterThatIsToldSoWritesOnceMore() {
    String got = new SharedFiles(folder).open(NAME, SharedFilesTest::read, file -> {
      if (++writes == 1) {
        Path inner = file.resolveSibling(file.getFileName() + ".1f.tmp");
        write(inner, "text");
        sweep();
        try {
          Files.move(inner, file);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      write(file, "text");
    });
    assertEquals("text", got);
    assertEquals(2, writes);
  }

  @Test
  void aFolderThatIsRemovedIsMadeOnceMore() {
    String got = new SharedFiles(folder).open(NAME, SharedFilesTest::read, file -> {
      write(file, "text");
      if (++writes == 1) {
        try {
          Files.delete(file);
          Files.delete(folder);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    });
    assertEquals("text", got);
  }

  @Test
  void whatAlwaysVanishesIsToldByName() {
    UncheckedIOException error = assertThrows(UncheckedIOException.class,
        () -> new SharedFiles(folder).open(NAME, SharedFilesTest::read, file -> writes++));
    assertEquals(3, writes);
    assertTrue(error.getMessage().startsWith("weight cache: cannot write " + folder.resolve(NAME)),
        error.getMessage());
    assertTrue(error.getCause() instanceof NoSuchFileException, error.toString());
  }

  /** In whatever order the folder lists them. */
  @Test
  void whatCannotBeDeletedKeepsNothingElse() throws IOException {
    Files.createDirectories(folder);
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofMinutes(61)));
    for (int i = 0; i < 16; i++) {
      Path stays = Files.createDirectory(folder.resolve(NAME + "." + UUID.randomUUID() + ".tmp"));
      Files.createFile(stays.resolve("file"));
      Path goes = Files.createFile(folder.resolve(NAME + "." + UUID.randomUUID() + ".tmp"));
      for (Path path : List.of(stays, goes)) {
        Files.setLastModifiedTime(path, old);
      }
    }
    new SharedFiles(folder).open(OTHER, SharedFilesTest::read, file -> write(file, "other"));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(folder.resolve(OTHER)), left.filter(Files::isRegularFile).toList());
    }
  }
}
