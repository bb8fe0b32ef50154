package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.onnx.value.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
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
  /** Of this process, on Linux. */
  private static final Path MAPS = Path.of("/proc/self/maps");

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

  private void requireTheSame(String what) {
    List<byte[]> expected = CachedModel.run(octet, CachedModel.OPTIONS);
    List<byte[]> got = CachedModel.run(octet, CachedModel.OPTIONS.weightCache(folder));
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), got.get(i), what + ", output " + i);
    }
  }

  @Test
  void filesAreWrittenOnceAndGiveTheSame() throws IOException {
    CachedModel.assumeNative();
    requireTheSame("first");
    SortedMap<String, byte[]> first = CachedModel.files(folder);
    assertEquals(3, first.keySet().stream().filter(name -> name.endsWith(".pack")).count(), first.keySet()
        .toString());
    assertEquals(1, first.keySet().stream().filter(name -> name.endsWith(".constant")).count());
    assertEquals(4, first.size());
    CachedModel.age(folder);
    requireTheSame("second");
    assertEquals(first.keySet(), CachedModel.files(folder).keySet());
    CachedModel.requireAged(folder);
  }

  /** Of files that are written aside, those of an hour ago: what is younger may be somebody's. */
  @Test
  void whatAKilledWriterLeftIsRemovedAfterAnHour() throws IOException {
    String aside = "ab".repeat(32) + ".pack." + UUID.randomUUID() + ".tmp";
    List<String> left = List.of(aside, aside + ".1f3a.tmp", aside.replace(".pack.", ".constant."));
    List<String> others = List.of("notes.tmp", "ab.pack", aside + ".txt", "ab" + aside);
    String young = aside.replace("ab", "cd");
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofMinutes(61)));
    FileTime notOld = FileTime.from(Instant.now().minus(Duration.ofMinutes(55)));
    for (String name : Stream.concat(left.stream(), others.stream()).toList()) {
      Files.setLastModifiedTime(Files.createFile(folder.resolve(name)), old);
    }
    Files.setLastModifiedTime(Files.createFile(folder.resolve(young)), notOld);
    requireTheSame("first");
    Set<String> after = CachedModel.files(folder).keySet();
    assertEquals(List.of(), left.stream().filter(after::contains).toList());
    assertTrue(after.containsAll(others), after.toString());
    assertTrue(after.contains(young), after.toString());
    Files.setLastModifiedTime(folder.resolve(young), old);
    requireTheSame("second, with nothing to write");
    assertFalse(Files.exists(folder.resolve(young)));
  }

  /** Weights and a table of constants: while the model is open, and no longer. */
  @Test
  void closingUnmapsWhatLiesInTheFiles() throws IOException {
    assumeTrue(Files.exists(MAPS), "no " + MAPS);
    try (OnnxModel model = CachedModel.model();
        PreparedOnnx prepared = model.prepare(octet, CachedModel.OPTIONS.weightCache(folder))) {
      assertTrue(mapped().stream().anyMatch(line -> line.endsWith(".constant")), mapped().toString());
      assertEquals(3, prepared.outputs().size());
    }
    assertEquals(List.of(), mapped());
  }

  private List<String> mapped() throws IOException {
    return Files.readAllLines(MAPS).stream().filter(line -> line.contains(folder.toString())).toList();
  }

  /** Of the same shape, type and scale. */
  @Test
  void modelsOfOtherWeightsHaveFilesOfTheirOwn() throws IOException {
    CachedModel.assumeNative();
    requireTheSame("first");
    Tensor others = CachedModel.integers(11);
    List<byte[]> expected = CachedModel.run(octet, CachedModel.OPTIONS, others);
    List<byte[]> got = CachedModel.run(octet, CachedModel.OPTIONS.weightCache(folder), others);
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), got.get(i), "output " + i);
    }
    assertEquals(5, CachedModel.files(folder).size());
    requireTheSame("again");
  }

  @Test
  void damagedAndForeignFilesAreReplaced() throws IOException {
    CachedModel.assumeNative();
    requireTheSame("first");
    SortedMap<String, byte[]> right = CachedModel.files(folder);
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
    assertEquals(right.keySet(), CachedModel.files(folder).keySet());
  }

  @Test
  void enginesThatDoNotPackHaveTheirOwnMemory() throws IOException {
    try (Octet scalar = Octet.builder().engine(Engine.SCALAR).threads(1).open()) {
      List<byte[]> expected = CachedModel.run(scalar, CachedModel.OPTIONS);
      List<byte[]> got = CachedModel.run(scalar, CachedModel.OPTIONS.weightCache(folder));
      for (int i = 0; i < expected.size(); i++) {
        assertArrayEquals(expected.get(i), got.get(i), "output " + i);
      }
    }
    assertEquals(1, CachedModel.files(folder).size(), "the table alone");
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
    assertEquals(List.of(),
        CachedModel.files(folder).keySet().stream().filter(name -> name.endsWith(".tmp")).toList());
  }

  @Test
  void whatCannotBeAFolderIsToldByName() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    String message = assertThrows(UncheckedIOException.class,
        () -> CachedModel.run(octet, CachedModel.OPTIONS.weightCache(file)))
        .getMessage();
    assertTrue(message.startsWith("weight cache: cannot write " + file), message);
  }
}
