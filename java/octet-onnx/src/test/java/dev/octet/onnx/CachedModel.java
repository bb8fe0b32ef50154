package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Octet;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A model of which the weight cache keeps three matrices and a table; the same in every JVM. */
final class CachedModel {
  static final OnnxOptions OPTIONS = OnnxOptions.defaults().quantize(OnnxQuantization.int8Dynamic());

  private static final FileTime OLD = FileTime.fromMillis(1_000_000);
  private static final TestData DATA = new TestData(7);
  private static final Tensor INPUT = DATA.floats(1, 3, 96);
  private static final Tensor INDICES = TestModel.vector(5, 0, 511);
  private static final Tensor W = DATA.floats(0.3f, 96, 40);
  private static final Tensor V = DATA.floats(0.3f, 40, 24);
  private static final Tensor TABLE = DATA.floats(1, 512, 48);
  private static final Tensor Q = integers(8);

  private CachedModel() {}

  /** Weights for the product of integers. */
  static Tensor integers(int seed) {
    return new TestData(seed).bytes(ElementType.I8, 96, 33);
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

  static OnnxModel model() {
    return model(Q);
  }

  /** The bytes of each output. */
  static List<byte[]> run(Octet octet, OnnxOptions options) {
    return run(octet, options, Q);
  }

  /** The bytes of each output, with other weights of the product of integers. */
  static List<byte[]> run(Octet octet, OnnxOptions options, Tensor integers) {
    try (OnnxModel model = model(integers); PreparedOnnx prepared = model.prepare(octet, options)) {
      return prepared.run(Map.of("x", INPUT, "at", INDICES)).values().stream()
          .map(tensor -> tensor.data().toArray(ValueLayout.JAVA_BYTE)).toList();
    }
  }

  /** Skips a test where engine NATIVE is not available: no other engine packs. */
  static void assumeNative() {
    try (Octet octet = Octet.builder().threads(1).open()) {
      assumeTrue(octet.engines().stream().filter(EngineStatus::available)
          .anyMatch(status -> status.engine() == Engine.NATIVE), "only NATIVE packs");
    }
  }

  /** Makes all files of a cache old. */
  static void age(Path folder) throws IOException {
    for (String name : files(folder).keySet()) {
      Files.setLastModifiedTime(folder.resolve(name), OLD);
    }
  }

  /** Checks that no file was written since {@link #age}. */
  static void requireAged(Path folder) throws IOException {
    for (String name : files(folder).keySet()) {
      assertEquals(OLD, Files.getLastModifiedTime(folder.resolve(name)), name);
    }
  }

  /** The bytes of each file of a cache. */
  static SortedMap<String, byte[]> files(Path folder) throws IOException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> paths = Files.list(folder)) {
      for (Path path : paths.toList()) {
        files.put(path.getFileName().toString(), Files.readAllBytes(path));
      }
    }
    return files;
  }
}
