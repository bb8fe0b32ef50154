package dev.octet.quantize.file;

import static dev.octet.quantize.file.GgufBytes.floats;
import static dev.octet.quantize.file.GgufBytes.le;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.BlockFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model in several GGUF files, right and wrong. */
class GgufPartsTest {
  @TempDir
  Path folder;

  /** A part as llama-gguf-split writes it, of a model of 4 tensors. */
  static GgufBytes part(int number, int count) {
    return new GgufBytes().value("split.no", 2, le(2, number)).value("split.count", 2, le(2, count))
        .value("split.tensors.count", 5, le(4, 4));
  }

  static GgufBytes first() {
    return part(0, 3).text("general.architecture", "llama").tensor("a.weight", 0, floats(1, 2), 2);
  }

  static GgufBytes second() {
    return part(1, 3).tensor("b.weight", 0, floats(3), 1).tensor("c.weight", 0, floats(4), 1);
  }

  static GgufBytes third() {
    return part(2, 3).tensor("d.weight", 0, floats(5), 1);
  }

  static String name(int part) {
    return "model-0000" + part + "-of-00003.gguf";
  }

  private Path write(int part, GgufBytes file) throws IOException {
    return Files.write(folder.resolve(name(part)), file.bytes());
  }

  @BeforeEach
  void model() throws IOException {
    write(1, first());
    write(2, second());
    write(3, third());
  }

  private void refused(String message) {
    Path path = folder.resolve(name(1));
    assertEquals(path + ": " + message,
        assertThrows(MalformedFileException.class, () -> GgufFile.open(path)).getMessage());
  }

  @Test
  void theFirstIsTheWholeModel() throws IOException {
    // a key that only a later part has, and an alignment of its own
    write(3, part(2, 3).value("general.alignment", 4, le(4, 64)).alignment(64).text("note", "last")
        .tensor("d.weight", 0, floats(5), 1));
    try (GgufFile file = GgufFile.open(folder.resolve(name(1)))) {
      assertEquals(List.of("a.weight", "b.weight", "c.weight", "d.weight"), file.names());
      for (int i = 0; i < 4; i++) {
        float[] x = file.tensors().get(i).floats();
        assertEquals(i == 0 ? 2 : i + 2, x[x.length - 1]);
      }
      assertEquals(0L, file.metadata().get("split.no"));
      assertEquals("llama", file.metadata().get("general.architecture"));
      assertEquals("last", file.metadata().get("note"));
      assertEquals(
          Stream.of(1, 2, 3).map(part -> folder.resolve(name(part)).toAbsolutePath()).toList(),
          file.files().stream().map(Path::toAbsolutePath).toList());
      file.requireUnchanged();
      Files.write(folder.resolve(name(2)), new byte[10]);
      assertTrue(assertThrows(UncheckedIOException.class, file::requireUnchanged).getMessage()
          .contains(name(2) + " changed while it was read"));
    }
  }

  @Test
  void partsBecomeOneFile() throws IOException {
    byte[] row = new byte[4 * 32];
    write(3, part(2, 3).tensor("d.weight", 0, Stream.of(row, row).reduce(GgufBytes::concat).get(), 32, 2));
    Path out = folder.resolve("whole.gguf");
    try (GgufFile file = GgufFile.open(folder.resolve(name(1)))) {
      GgufQuantizer.quantize(file, out, BlockFormat.Q4_0, layer -> true, (tensor, done, total) -> {
      });
      assertThrows(IllegalArgumentException.class, () -> GgufQuantizer.quantize(file,
          folder.resolve(name(2)), BlockFormat.Q4_0, layer -> true, (tensor, done, total) -> {
          }));
    }
    try (GgufFile file = GgufFile.open(out)) {
      assertEquals(List.of("a.weight", "b.weight", "c.weight", "d.weight"), file.names());
      assertEquals(Map.of("general.architecture", "llama", "general.file_type", 2L,
          "general.quantization_version", 2L), file.metadata());
      assertArrayEquals(new float[]{1, 2}, file.tensor("a.weight").floats());
    }
  }

  @Test
  void anotherPartNamesTheFirst() {
    Path path = folder.resolve(name(2));
    assertEquals(
        path + ": GGUF: this is part 2 of 3 of a model; open the first, model-00001-of-00003.gguf",
        assertThrows(MalformedFileException.class, () -> GgufFile.open(path)).getMessage());
    assertEquals("GGUF: this is part 1 of 3 of a model, of which a file in memory is one alone; open the"
        + " first by its path",
        assertThrows(MalformedFileException.class,
            () -> GgufFile.of(MemorySegment.ofArray(first().bytes()))).getMessage());
  }

  @Test
  void namesThatDoNotSayThePart() throws IOException {
    for (String name : List.of("other.gguf", "model-00002-of-00003.gguf", "model-00001-of-00004.gguf",
        "-00001-of-00003.gguf")) {
      Path path = Files.write(folder.resolve(name), first().bytes());
      assertEquals(path + ": GGUF: part 1 of 3 is expected to have a name that ends in"
          + " -00001-of-00003.gguf, as its other parts have theirs, got " + name,
          assertThrows(MalformedFileException.class, () -> GgufFile.open(path)).getMessage());
    }
  }

  @Test
  void numbersThatAreNone() throws IOException {
    write(1, new GgufBytes().text("split.count", "3"));
    refused("metadata split.count: expected an integer of 0 to 65535, got STRING 3");
    write(1, new GgufBytes().value("split.count", 10, le(8, 1L << 40)));
    refused("metadata split.count: expected an integer of 0 to 65535, got U64 1099511627776");
    write(1, new GgufBytes().value("split.count", 2, le(2, 3)));
    refused("metadata split.no: expected an integer of 0 to 2, got none");
    write(1, new GgufBytes().value("split.count", 2, le(2, 3)).value("split.no", 2, le(2, 3)));
    refused("metadata split.no: expected an integer of 0 to 2, got U16 3");
    write(1, new GgufBytes().value("split.count", 2, le(2, 3)).value("split.no", 2, le(2, 0))
        .value("split.tensors.count", 5, le(4, -1)));
    refused("metadata split.tensors.count: expected an integer of 0 or more, got I32 -1");
    // one file, whatever else it says
    for (int count : new int[]{0, 1}) {
      write(1, new GgufBytes().value("split.count", 2, le(2, count)).text("split.no", "x"));
      GgufFile.open(folder.resolve(name(1))).close();
    }
  }

  @Test
  void partsThatAreMissingOrOthers() throws IOException {
    write(2, third());
    refused(name(2) + ": expected part 2 of 3, of 4 tensors, as the first part and the name have it,"
        + " got part 3 of 3, of 4 tensors");
    write(2, first());
    refused(name(2) + ": expected part 2 of 3, of 4 tensors, as the first part and the name have it,"
        + " got part 1 of 3, of 4 tensors");
    write(2, part(1, 4));
    refused(name(2) + ": expected part 2 of 3, of 4 tensors, as the first part and the name have it,"
        + " got part 2 of 4, of 4 tensors");
    write(2, new GgufBytes().value("split.no", 2, le(2, 1)).value("split.count", 2, le(2, 3))
        .value("split.tensors.count", 5, le(4, 5)));
    refused(name(2) + ": expected part 2 of 3, of 4 tensors, as the first part and the name have it,"
        + " got part 2 of 3, of 5 tensors");
    write(2, new GgufBytes());
    refused(name(2) + ": expected part 2 of 3, of 4 tensors, as the first part and the name have it,"
        + " got a whole model");
    Files.write(folder.resolve(name(2)), new GgufBytes().bytes(1, 0, 0));
    refused(name(2) + ": GGUF: expected version 2 or 3, got version 1");
    Files.delete(folder.resolve(name(2)));
    refused("part 2: there is no file \"" + name(2) + "\"");
    Files.createDirectory(folder.resolve(name(2)));
    refused("part 2: \"" + name(2) + "\" is no file");
  }

  @Test
  void partsThatDisagree() throws IOException {
    write(3, third().text("general.architecture", "gpt2"));
    refused(name(3) + ": metadata general.architecture: is STRING gpt2, and STRING llama in an earlier part");
    write(3, third().text("general.architecture", "llama"));
    GgufFile.open(folder.resolve(name(1))).close();
    write(3, part(2, 3).tensor("b.weight", 0, floats(5), 1));
    refused(name(3) + ": tensor b.weight: is in an earlier part too");
    write(3, part(2, 3));
    refused("GGUF: expected 4 tensors in all of its 3 parts, got 3");
    write(3, third().tensor("e.weight", 0, floats(5), 1));
    refused("GGUF: expected 4 tensors in all of its 3 parts, got 5");
  }

  /** As in Hugging Face's cache, where all names are links to files in one other folder. */
  @Test
  void linksWithinTheCacheAndOutOfIt(@TempDir Path elsewhere) throws IOException {
    Path blobs = Files.createDirectory(elsewhere.resolve("blobs"));
    Path snapshot = Files.createDirectories(elsewhere.resolve("snapshots/1"));
    for (int part = 1; part <= 3; part++) {
      Path blob = Files.copy(folder.resolve(name(part)), blobs.resolve("hash" + part));
      Files.createSymbolicLink(snapshot.resolve(name(part)), snapshot.relativize(blob));
    }
    try (GgufFile file = GgufFile.open(snapshot.resolve(name(1)))) {
      assertEquals(4, file.names().size());
    }
    Files.delete(folder.resolve(name(2)));
    Files.createSymbolicLink(folder.resolve(name(2)), blobs.resolve("hash2"));
    refused("part 2: \"" + name(2) + "\" is a link out of the folder");
    Files.copy(blobs.resolve("hash2"), folder.resolve("second"));
    Files.delete(folder.resolve(name(2)));
    Files.createSymbolicLink(folder.resolve(name(2)), Path.of("second"));
    GgufFile.open(folder.resolve(name(1))).close();
  }
}
