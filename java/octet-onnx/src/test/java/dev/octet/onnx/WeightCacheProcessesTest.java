package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.ByteString;
import dev.octet.Octet;
import dev.octet.quantize.Observer;
import dev.octet.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that fill one folder of packed weights: together, and one that is killed there. */
class WeightCacheProcessesTest {
  private static final int PROCESSES = 2;
  /** Folders that they fill, one after the other: a race each. */
  private static final int ROUNDS = 8;
  private static final int KILLED = 137;
  private static final String VECTOR_API = "jdk.incubator.vector";

  @TempDir
  private Path folder;

  @Test
  void processesThatPrepareTogetherShareOneFile() throws IOException {
    List<byte[]> expected = alone();
    SortedMap<String, byte[]> right = CachedModel.files(folder.resolve("alone"));
    List<ChildJvm.Result> results = ChildJvm.runTogether(IntStream.range(0, PROCESSES)
        .mapToObj(i -> child(Prepares.class, folder.toString(), Integer.toString(i))).toList());
    String outputs = text(expected);
    for (ChildJvm.Result result : results) {
      assertEquals(0, result.exit(), result.output());
      assertEquals(ROUNDS, result.output().lines().filter(outputs::equals).count(), result.output());
    }
    for (int round = 0; round < ROUNDS; round++) {
      requireFiles(right, CachedModel.files(cache(folder, round)));
    }
  }

  @Test
  void nothingOfAProcessThatWasKilledIsTrusted() throws IOException {
    List<byte[]> expected = alone();
    SortedMap<String, byte[]> right = CachedModel.files(folder.resolve("alone"));
    Path cache = cache(folder, 0);
    ChildJvm.Result result = child(IsKilled.class, cache.toString()).run();
    assertEquals(KILLED, result.exit(), result.output());
    SortedMap<String, byte[]> left = CachedModel.files(cache);
    left.keySet().removeIf(name -> name.endsWith(".tmp"));
    left.forEach((name, bytes) -> assertArrayEquals(right.get(name), bytes, name + ", as it was left"));
    try (Octet octet = Octet.builder().threads(1).open()) {
      assertEquals(text(expected),
          text(CachedModel.run(octet, CachedModel.OPTIONS.weightCache(cache))));
    }
    SortedMap<String, byte[]> after = CachedModel.files(cache);
    after.keySet().removeIf(name -> name.endsWith(".tmp"));
    requireFiles(right, after);
  }

  /** What memory gives; the files of a process that has a folder for itself are in "alone". */
  private List<byte[]> alone() {
    try (Octet octet = Octet.builder().threads(1).open()) {
      CachedModel.run(octet, CachedModel.OPTIONS.weightCache(folder.resolve("alone")));
      return CachedModel.run(octet, CachedModel.OPTIONS);
    }
  }

  private static void requireFiles(SortedMap<String, byte[]> expected, SortedMap<String, byte[]> got) {
    assertEquals(expected.keySet(), got.keySet());
    assertFalse(expected.isEmpty(), "the table has a file with every engine");
    expected.forEach((name, bytes) -> assertArrayEquals(bytes, got.get(name), name));
  }

  private static Path cache(Path folder, int round) {
    return folder.resolve("cache" + round);
  }

  private static String text(List<byte[]> outputs) {
    return "outputs " + outputs.stream().map(HexFormat.of()::formatHex).toList();
  }

  private static ChildJvm child(Class<?> main, String... arguments) {
    // with the Vector API where this JVM has it: names of files tell engines apart
    List<String> options = ModuleLayer.boot().findModule(VECTOR_API).isPresent()
        ? List.of("-Xmx128m", "--add-modules", VECTOR_API)
        : List.of("-Xmx128m");
    return ChildJvm.of(main, options, List.of(OnnxModel.class, Octet.class, Observer.class,
        ModelProto.class, ByteString.class), arguments);
  }

  /** A child: prepares in one folder after the other, each at the same time as the others. */
  static final class Prepares {
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private Prepares() {}

    public static void main(String[] args) throws IOException {
      Path folder = Path.of(args[0]);
      try (Octet octet = Octet.builder().threads(1).open()) {
        CachedModel.run(octet, CachedModel.OPTIONS); // classes are loaded when the race begins
        for (int round = 0; round < ROUNDS; round++) {
          Files.createFile(ready(folder, round, Integer.parseInt(args[1])));
          for (int other = 0; other < PROCESSES; other++) {
            await(ready(folder, round, other));
          }
          System.out
              .println(text(CachedModel.run(octet, CachedModel.OPTIONS.weightCache(cache(folder, round)))));
        }
      }
    }

    private static Path ready(Path folder, int round, int process) {
      return folder.resolve("round" + round + "process" + process);
    }

    private static void await(Path file) {
      long start = System.nanoTime();
      while (!Files.exists(file)) {
        if (System.nanoTime() - start > PATIENCE_NANOS) {
          throw new IllegalStateException("no " + file + " for a minute");
        }
        Thread.onSpinWait();
      }
    }
  }

  /** A child: fills the folder anew until it ends, as by kill -9, when a file is being written. */
  static final class IsKilled {
    private static final int MOST_ROUNDS = 1000;

    private IsKilled() {}

    public static void main(String[] args) throws IOException {
      Path cache = Files.createDirectories(Path.of(args[0]));
      Thread.ofPlatform().daemon().start(() -> haltAtATemporaryFile(cache));
      try (Octet octet = Octet.builder().threads(1).open()) {
        for (int round = 0; round < MOST_ROUNDS; round++) {
          CachedModel.run(octet, CachedModel.OPTIONS.weightCache(cache));
          for (String name : CachedModel.files(cache).keySet()) {
            Files.delete(cache.resolve(name));
          }
        }
      }
      System.out.println("no temporary file was ever there");
    }

    private static void haltAtATemporaryFile(Path cache) {
      String[] names;
      do {
        names = cache.toFile().list((_, name) -> name.endsWith(".tmp"));
      } while (names == null || names.length == 0);
      Runtime.getRuntime().halt(KILLED);
    }
  }
}
