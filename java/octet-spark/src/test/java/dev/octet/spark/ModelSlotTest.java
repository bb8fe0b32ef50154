package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.Engine;
import dev.octet.Octet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /** Models are what the file says. */
  private record FileSpec(Path file, List<String> closed) implements ModelSpec<StringBuilder> {
    @Override
    public Engine engine() {
      return null;
    }

    @Override
    public StringBuilder prepare(Octet octet, int threads) {
      try {
        return new StringBuilder(Files.readString(file));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
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
    file = folder.resolve("model");
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
  void tasksShareAModelWhileItsFileStays() throws IOException {
    ModelSlot.Lease<StringBuilder> one = slot.lease();
    assertSame(one.model(), slot.lease().model());
    one.release().run();
    write("other", 1000); // of the same size and time: nothing but reading it would tell
    assertSame(one.model(), slot.lease().model());
    assertEquals(List.of(), closed);
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
  void aFileThatIsGoneFailsUntilItIsThere() throws IOException {
    slot.lease();
    Files.delete(file);
    assertThrows(UncheckedIOException.class, slot::lease);
    assertEquals(List.of(), closed);
    write("back", 4000);
    assertEquals("back", slot.lease().model().toString());
  }
}
