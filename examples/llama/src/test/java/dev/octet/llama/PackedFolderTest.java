package dev.octet.llama;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Engine;
import dev.octet.Octet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packed weights are written at the first start, and used by the later ones. */
class PackedFolderTest {
  /** Seven products of a layer, and the output. */
  private static final int FILES = 2 * 7 + 1;

  @TempDir
  Path folder;

  private static float[] run(Path path, Path packed) {
    int[] tokens = TestModels.tokens(SeededModel.SMALL, 5);
    try (Octet octet = Octet.builder().threads(1).open();
        LlamaModel model = LlamaModel.open(path, octet, packed)) {
      return TestModels.run(model, tokens, 5)[0];
    }
  }

  private static Map<Path, FileTime> files(Path folder) throws IOException {
    Map<Path, FileTime> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        files.put(path, Files.getLastModifiedTime(path));
      }
    }
    return files;
  }

  @Test
  void writtenOnce() throws IOException {
    TestModels.assumeIsHere(Engine.NATIVE);
    Path path = TestModels.write(folder, SeededModel.SMALL, false);
    Path packed = folder.resolve("packed");
    float[] expected = run(path, null);
    assertArrayEquals(expected, run(path, packed));
    Map<Path, FileTime> first = files(packed);
    assertEquals(FILES, first.size());
    assertArrayEquals(expected, run(path, packed));
    assertEquals(first, files(packed));
  }

  @Test
  void anotherModelOfTheSameName() throws IOException {
    TestModels.assumeIsHere(Engine.NATIVE);
    Path path = TestModels.write(folder, SeededModel.SMALL, false);
    Path packed = folder.resolve("packed");
    run(path, packed);
    SeededModel.write(path, SeededModel.SMALL, TestModels.SEED + 1, false);
    float[] expected = run(path, null);
    assertArrayEquals(expected, run(path, packed));
    assertEquals(2 * FILES, files(packed).size());
  }
}
