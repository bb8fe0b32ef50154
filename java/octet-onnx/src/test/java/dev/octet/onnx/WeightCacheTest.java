package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packed weights and constants in files: the results of memory, whatever the files are like. */
class WeightCacheTest {
  private static final int ROWS = 3;
  private static final TestData DATA = new TestData(7);
  private static final Tensor INPUT = DATA.floats(1, ROWS, 96);
  private static final Tensor INDICES = TestModel.vector(5, 0, 511);

  private static final Tensor W = DATA.floats(0.3f, 96, 40);
  private static final Tensor V = DATA.floats(0.3f, 40, 24);
  private static final Tensor Q = DATA.bytes(ElementType.I8, 96, 33);
  private static final Tensor TABLE = DATA.floats(1, 512, 48);

  private static final OnnxOptions OPTIONS = OnnxOptions.defaults().quantize(OnnxQuantization.int8Dynamic());

  private static Octet octet;

  @TempDir
  private Path folder;

  @BeforeAll
  static void open() {
    octet = Octet.builder().threads(1).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  /** Two products of floats, to be quantized, one of integers, and rows of a table of 96 KB. */
  private static OnnxModel model(Tensor integers) {
    return new TestModel(13).input("x", ElementType.F32, "n", 96).input("at", ElementType.I64, "m")
        .initializer("w", W).initializer("v", V).initializer("q", integers)
        .initializer("table", TABLE)
        .node("MatMul", "x w", "p").node("MatMul", "p v", "y").node("DynamicQuantizeLinear", "x", "i s z")
        .node("MatMulInteger", "i q z", "sums").node("Gather", "table at", "rows")
        .output("y", ElementType.F32).output("sums", ElementType.I32).output("rows", ElementType.F32).open();
  }

  private static List<byte[]> run(Octet with, OnnxOptions options) {
    return run(with, options, Q);
  }

  private static List<byte[]> run(Octet with, OnnxOptions options, Tensor integers) {
    try (OnnxModel model = model(integers); PreparedOnnx prepared = model.prepare(with, options)) {
      return prepared.run(Map.of("x", INPUT, "at", INDICES)).values().stream()
          .map(tensor -> tensor.data().toArray(ValueLayout.JAVA_BYTE)).toList();
    }
  }

  private void requireTheSame(String what) {
    List<byte[]> expected = run(octet, OPTIONS);
    List<byte[]> got = run(octet, OPTIONS.weightCache(folder));
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), got.get(i), what + ", output " + i);
    }
  }

  private static void assumeNative() {
    assumeTrue(octet.engines().stream().filter(EngineStatus::available)
        .anyMatch(status -> status.engine() == Engine.NATIVE), "only NATIVE packs");
  }

  /** The bytes of each file. */
  private SortedMap<String, byte[]> files() throws IOException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> paths = Files.list(folder)) {
      for (Path path : paths.toList()) {
        files.put(path.getFileName().toString(), Files.readAllBytes(path));
      }
    }
    return files;
  }

  @Test
  void filesAreWrittenOnceAndGiveTheSame() throws IOException {
    assumeNative();
    requireTheSame("first");
    SortedMap<String, byte[]> first = files();
    assertEquals(3, first.keySet().stream().filter(name -> name.endsWith(".pack")).count(), first.keySet()
        .toString());
    assertEquals(1, first.keySet().stream().filter(name -> name.endsWith(".constant")).count());
    assertEquals(4, first.size());
    FileTime old = FileTime.fromMillis(1_000_000);
    for (String name : first.keySet()) {
      Files.setLastModifiedTime(folder.resolve(name), old);
    }
    requireTheSame("second");
    assertEquals(first.keySet(), files().keySet());
    for (String name : first.keySet()) {
      assertEquals(old, Files.getLastModifiedTime(folder.resolve(name)), name);
    }
  }

  /** Of the same shape, type and scale. */
  @Test
  void modelsOfOtherWeightsHaveFilesOfTheirOwn() throws IOException {
    assumeNative();
    requireTheSame("first");
    Tensor others = DATA.bytes(ElementType.I8, 96, 33);
    List<byte[]> expected = run(octet, OPTIONS, others);
    List<byte[]> got = run(octet, OPTIONS.weightCache(folder), others);
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), got.get(i), "output " + i);
    }
    assertEquals(5, files().size());
    requireTheSame("again");
  }

  @Test
  void damagedAndForeignFilesAreReplaced() throws IOException {
    assumeNative();
    requireTheSame("first");
    SortedMap<String, byte[]> right = files();
    List<String> packs = right.keySet().stream().filter(name -> name.endsWith(".pack")).toList();
    for (String name : right.keySet()) {
      Path file = folder.resolve(name);
      byte[] flipped = right.get(name).clone();
      flipped[flipped.length - 1] ^= 1;
      String other = packs.stream().filter(pack -> !pack.equals(name)).findFirst().orElseThrow();
      for (byte[] wrong : List.of(flipped, new byte[0], "none".getBytes(StandardCharsets.UTF_8),
          right.get(other))) {
        Files.delete(file); // what was prepared may still map it
        Files.write(file, wrong);
        requireTheSame(name + " with " + wrong.length + " bytes");
        assertArrayEquals(right.get(name), Files.readAllBytes(file), name);
      }
    }
    assertEquals(right.keySet(), files().keySet());
  }

  @Test
  void enginesThatDoNotPackHaveTheirOwnMemory() throws IOException {
    try (Octet scalar = Octet.builder().engine(Engine.SCALAR).threads(1).open()) {
      List<byte[]> expected = run(scalar, OPTIONS);
      List<byte[]> got = run(scalar, OPTIONS.weightCache(folder));
      for (int i = 0; i < expected.size(); i++) {
        assertArrayEquals(expected.get(i), got.get(i), "output " + i);
      }
    }
    assertEquals(1, files().size(), "the table alone");
  }

  @Test
  void threadsPrepareAtTheSameTime() throws Exception {
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      tasks.add(() -> {
        requireTheSame("with others");
        return null;
      });
    }
    ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
    try {
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertEquals(List.of(), files().keySet().stream().filter(name -> name.endsWith(".tmp")).toList());
  }

  @Test
  void whatCannotBeAFolderIsToldByName() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    String message = assertThrows(UncheckedIOException.class, () -> run(octet, OPTIONS.weightCache(file)))
        .getMessage();
    assertTrue(message.startsWith("weight cache: cannot write " + file), message);
  }
}
