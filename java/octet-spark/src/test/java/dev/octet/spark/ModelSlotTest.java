package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Engine;
import dev.octet.Octet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model is that of its files as they are, and is closed when it is a former one that nobody runs. */
class ModelSlotTest {
  private final List<String> closed = new ArrayList<>();
  private Octet octet;
  private Path file;
  private ModelSlot<StringBuilder> slot;

  /** Models are what the file says; one that begins with {@code +} names a second file. */
  private record FileSpec(Path file, List<String> closed) implements ModelSpec<StringBuilder> {
    @Override
    public Engine engine() {
      return null;
    }

    @Override
    public StringBuilder prepare(Octet octet, int threads) {
      StringBuilder text = new StringBuilder(text(file));
      if (text.indexOf("vanishes") >= 0) {
        throw vanished(file);
      }
      dataFiles().forEach(data -> text.append(text(data)));
      if (text.indexOf("no model") >= 0) {
        throw new IllegalArgumentException(text.toString());
      }
      return text;
    }

    private static RuntimeException vanished(Path file) {
      try {
        Files.delete(file);
        return new IllegalArgumentException("half of it was read");
      } catch (IOException e) {
        return new UncheckedIOException(e);
      }
    }

    private static String text(Path file) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public List<Path> dataFiles() {
      return text(file).startsWith("+") ? List.of(file.resolveSibling("data")) : List.of();
    }

    @Override
    public List<Path> files() {
      return List.of(file);
    }

    @Override
    public void close(StringBuilder model) {
      closed.add(model.toString());
    }
  }

  @BeforeEach
  void open(@TempDir Path folder) throws IOException {
    octet = Octet.builder().threads(1).open();
    file = Files.createDirectory(folder.resolve("models")).resolve("model");
    slot = new ModelSlot<>(new FileSpec(file, closed), octet, 1);
    write("first", 1000);
  }

  @AfterEach
  void close() {
    octet.close();
  }

  private void write(String text, long millis) throws IOException {
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, FileTime.fromMillis(millis));
  }

  @Test
  void tasksShareAModelWhileItsFileStays() {
    ModelSlot.Lease<StringBuilder> one = slot.lease();
    assertSame(one.model(), slot.lease().model());
    one.release().run();
    assertSame(one.model(), slot.lease().model());
    assertEquals(List.of(), closed);
  }

  /** Of the same size and time. */
  @Test
  void anotherFileMovedToThePathIsAnotherModel() throws IOException {
    assertEquals("first", slot.lease().model().toString());
    Path other = Files.writeString(file.resolveSibling("other"), "other");
    Files.setLastModifiedTime(other, FileTime.fromMillis(1000));
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    assertEquals("other", slot.lease().model().toString());
  }

  /** With its size and time, which the writer sets; that of the change of the file's state nobody sets. */
  @Test
  void aFileThatWasWrittenOverIsAnotherModel() throws IOException {
    assumeTrue(file.getFileSystem().supportedFileAttributeViews().contains("unix"));
    slot.lease();
    Object before = Files.getAttribute(file, "unix:ctime");
    do {
      write("other", 1000);
    } while (Files.getAttribute(file, "unix:ctime").equals(before)); // a tick of the file system's clock
    assertEquals("other", slot.lease().model().toString());
  }

  @Test
  void otherDataBesideTheFileAreAnotherModel() throws IOException {
    Path data = Files.writeString(file.resolveSibling("data"), " one");
    write("+first", 2000);
    StringBuilder one = slot.lease().model();
    assertEquals("+first one", one.toString());
    assertSame(one, slot.lease().model());
    Files.writeString(data, " more");
    assertEquals("+first more", slot.lease().model().toString());
    Files.delete(data);
    assertEquals("+first more", slot.lease().model().toString());
  }

  @Test
  void anotherSizeOrTimeIsAnotherModel() throws IOException {
    StringBuilder first = slot.lease().model();
    write("other", 1001);
    ModelSlot.Lease<StringBuilder> other = slot.lease();
    assertNotSame(first, other.model());
    assertEquals("other", other.model().toString());
    write("longer", 1001);
    assertEquals("longer", slot.lease().model().toString());
  }

  @Test
  void aFormerModelIsClosedByItsLastTask() throws IOException {
    ModelSlot.Lease<StringBuilder> one = slot.lease();
    ModelSlot.Lease<StringBuilder> two = slot.lease();
    write("second", 2000);
    ModelSlot.Lease<StringBuilder> three = slot.lease();
    one.release().run();
    one.release().run();
    assertEquals(List.of(), closed, "a task runs it, and none gives it back twice");
    two.release().run();
    assertEquals(List.of("first"), closed);
    three.release().run();
    assertEquals(List.of("first"), closed, "the next task takes it");
    write("third", 3000);
    slot.lease();
    assertEquals(List.of("first", "second"), closed);
  }

  @Test
  void tasksGoOnWithoutTheFile() throws IOException {
    StringBuilder first = slot.lease().model();
    Path aside = Files.move(file, file.resolveSibling("aside"));
    assertSame(first, slot.lease().model());
    Files.move(aside, file);
    write("first", 1000);
    Files.delete(file);
    Files.createSymbolicLink(file, file); // it is there, and cannot be looked at
    assertSame(first, slot.lease().model());
    assertEquals(List.of(), closed);
    Files.delete(file);
    write("back", 4000);
    assertEquals("back", slot.lease().model().toString());
  }

  @Test
  void aFileThatComesBackIsTheSameModel() throws IOException {
    StringBuilder first = slot.lease().model();
    Path folder = file.getParent();
    Path moved = Files.move(folder, folder.resolveSibling("moved")); // as a file system that is mounted anew
    assertSame(first, slot.lease().model());
    Files.move(moved, folder);
    assertSame(first, slot.lease().model());
  }

  @Test
  void aFileThatVanishesWhileItIsReadKeepsTheModel() throws IOException {
    StringBuilder first = slot.lease().model();
    write("vanishes", 2000);
    assertSame(first, slot.lease().model());
    assertFalse(Files.exists(file));
  }

  @Test
  void withoutAModelTheFilesFailUntilTheyAreThere() throws IOException {
    Files.delete(file);
    assertThrows(UncheckedIOException.class, slot::lease);
    write("back", 4000);
    assertEquals("back", slot.lease().model().toString());
  }

  @Test
  void anotherFileThatIsNoModelFails() throws IOException {
    StringBuilder first = slot.lease().model();
    write("no model", 2000);
    assertThrows(IllegalArgumentException.class, slot::lease);
    assertThrows(IllegalArgumentException.class, slot::lease);
    assertEquals(List.of(), closed);
    write("second", 3000);
    assertEquals("second", slot.lease().model().toString());
    assertEquals("first", first.toString());
  }
}
