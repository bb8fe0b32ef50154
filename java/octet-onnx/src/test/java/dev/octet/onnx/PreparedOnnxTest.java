package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.quantize.file.MalformedFileException;
import dev.octet.testing.Garbage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What a program sees of a model: inputs, outputs, runs in memory of its own, threads, the end. */
class PreparedOnnxTest {
  private static Octet octet;

  @BeforeAll
  static void open() {
    octet = Octet.builder().threads(1).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  /** Two inputs of one length; the sum, its view, an input and a constant as outputs. */
  private static TestModel sums() {
    return new TestModel(13).input("a", ElementType.F32, "n", 2).input("b", ElementType.F32, "n", 2)
        .initializer("c", Tensor.floats(Shape.of(2), 5, 6)).initializer("s", TestModel.vector(-1))
        .node("Add", "a b", "sum").node("Reshape", "sum s", "flat").node("Mul", "sum c", "scaled")
        .output("scaled", ElementType.F32).output("sum", ElementType.F32).output("flat", ElementType.F32)
        .output("a", ElementType.F32).output("c", ElementType.F32);
  }

  private static Map<String, Tensor> inputs(float... a) {
    float[] b = a.clone();
    for (int i = 0; i < b.length; i++) {
      b[i] = 10 * a[i];
    }
    Shape shape = Shape.of(a.length / 2, 2);
    return Map.of("a", Tensor.floats(shape, a), "b", Tensor.floats(shape, b));
  }

  /** Two sets of shapes in turn, in floats and in integers. */
  @Test
  void runsIntoGivenMemoryAllocateNothing() {
    TestData data = new TestData(5);
    TestModel model = new TestModel(13).input("x", ElementType.F32, "n", 24)
        .initializer("w", data.floats(0.3f, 24, 40)).initializer("b", data.floats(1, 40))
        .initializer("v", data.floats(0.3f, 40, 8)).node("MatMul", "x w", "p").node("Add", "p b", "s")
        .node("Sigmoid", "s", "g").node("MatMul", "g v", "q").node("Softmax", "q", "y").attribute("axis", 1)
        .output("y", ElementType.F32).output("q", ElementType.F32);
    List<Map<String, Tensor>> inputs = List.of(Map.of("x", data.floats(1, 3, 24)),
        Map.of("x", data.floats(1, 7, 24)));
    for (OnnxOptions options : List.of(OnnxOptions.defaults(),
        OnnxOptions.defaults().quantize(OnnxQuantization.int8Dynamic()),
        OnnxOptions.defaults().quantize(OnnxQuantization.int8Static(inputs)))) {
      try (OnnxModel opened = model.open(); PreparedOnnx prepared = opened.prepare(octet, options)) {
        List<Map<String, Tensor>> outputs = inputs.stream().map(prepared::run).toList();
        Garbage.assertNone(prepared.report(), () -> {
          prepared.run(inputs.get(0), outputs.get(0));
          prepared.run(inputs.get(1), outputs.get(1));
        });
      }
    }
  }

  @Test
  void inputsAndOutputsAreTyped() {
    try (OnnxModel model = sums().open()) {
      assertEquals("[a F32 [n, 2], b F32 [n, 2]]", model.inputs().toString());
      assertEquals("scaled F32 of any shape", model.outputs().getFirst().toString());
      assertEquals(13, model.opset());
    }
  }

  @Test
  void outputsAreInTheOrderOfTheFileWhateverTheyAre() {
    try (PreparedOnnx prepared = sums().open().prepare(octet)) {
      for (int round = 0; round < 2; round++) {
        Map<String, Tensor> y = prepared.run(inputs(1, 2, 3, 4));
        assertEquals(List.of("scaled", "sum", "flat", "a", "c"), List.copyOf(y.keySet()));
        assertArrayEquals(new float[]{55, 132, 165, 264}, y.get("scaled").floats());
        assertArrayEquals(new float[]{11, 22, 33, 44}, y.get("sum").floats());
        assertEquals(Shape.of(4), y.get("flat").shape());
        assertArrayEquals(new float[]{11, 22, 33, 44}, y.get("flat").floats());
        assertArrayEquals(new float[]{1, 2, 3, 4}, y.get("a").floats());
        assertArrayEquals(new float[]{5, 6}, y.get("c").floats());
      }
      assertArrayEquals(new float[]{55, 132}, prepared.run(inputs(1, 2)).get("scaled").floats());
    }
  }

  @Test
  void resultsGoIntoMemoryOfTheCaller() {
    try (PreparedOnnx prepared = sums().open().prepare(octet); Arena arena = Arena.ofConfined()) {
      Map<String, Shape> shapes = prepared.outputShapes(Map.of("a", Shape.of(2, 2), "b", Shape.of(2, 2)));
      Map<String, Tensor> into = new HashMap<>();
      shapes.forEach((name, shape) -> into.put(name,
          Tensor.of(ElementType.F32, shape, arena.allocate(4 * shape.elements() + 1).asSlice(1))));
      prepared.run(inputs(1, 2, 3, 4), into);
      assertArrayEquals(new float[]{55, 132, 165, 264}, into.get("scaled").floats());
      assertArrayEquals(new float[]{11, 22, 33, 44}, into.get("flat").floats());
      assertArrayEquals(new float[]{5, 6}, into.get("c").floats());
    }
  }

  @Test
  void tensorsThatDoNotFitAreNamed() {
    try (PreparedOnnx prepared = sums().open().prepare(octet)) {
      Tensor two = Tensor.floats(Shape.of(1, 2), 1, 2);
      refused(() -> prepared.run(Map.of("a", two)), "b: is missing");
      refused(() -> prepared.run(Map.of("a", two, "b", two, "d", two)), "d: is not the model's");
      refused(() -> prepared.run(Map.of("a", two, "b", Tensor.floats(Shape.of(2, 2), 1, 2, 3, 4))),
          "b: expected n to be 1");
      refused(() -> prepared.run(Map.of("a", two, "b", Tensor.floats(Shape.of(2), 1, 2))), "b F32 [n, 2]");
      refused(() -> prepared.run(Map.of("a", two, "b", Tensor.longs(Shape.of(1, 2), 1, 2))), "b F32 [n, 2]",
          "I64 [1, 2]");
      refused(() -> prepared.run(Map.of("a", two, "b", Tensor.floats(Shape.of(1, 3), 1, 2, 3))),
          "b F32 [n, 2]");
      refused(() -> prepared.outputShapes(Map.of("a", Shape.of(1, 2))), "b: is missing");
    }
  }

  @Test
  void outputsThatDoNotFitAreNamed() {
    TestModel model = new TestModel(13).input("x", ElementType.F32, 2).output("y", ElementType.F32).node(
        "Relu",
        "x", "y");
    try (PreparedOnnx prepared = model.open().prepare(octet)) {
      float[] array = {1, -1, 5};
      Tensor x = Tensor.floats(Shape.of(2), array);
      refused(() -> prepared.run(Map.of("x", x), Map.of("y", Tensor.floats(Shape.of(1), 1))),
          "y: expected F32 [2]");
      refused(() -> prepared.run(Map.of("x", x), Map.of()), "y: is missing");
      refused(() -> prepared.run(Map.of("x", x), Map.of("y", x)), "overlaps an input");
      Tensor next = Tensor.of(ElementType.F32, Shape.of(2), MemorySegment.ofArray(array).asSlice(4));
      refused(() -> prepared.run(Map.of("x", x), Map.of("y", next)), "overlaps an input");
      Tensor readOnly = Tensor.of(ElementType.F32, Shape.of(2),
          MemorySegment.ofArray(new float[2]).asReadOnly());
      refused(() -> prepared.run(Map.of("x", x), Map.of("y", readOnly)), "y: ", "read-only");
    }
  }

  private static void refused(Executable run, String... parts) {
    String message = assertThrows(IllegalArgumentException.class, run).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message + " does not say: " + part);
    }
  }

  @Test
  void memoryOfARunIsLimited() {
    try (PreparedOnnx prepared = sums().node("Erf", "a", "e1").node("Erf", "e1", "e2")
        .output("e2", ElementType.F32)
        .open().prepare(octet, OnnxOptions.defaults().without(Rewrite.FLOAT_CHAINS).memoryLimit(150))) {
      prepared.run(inputs(1, 2));
      refused(() -> prepared.run(inputs(new float[100])), "node theErf3 (Erf)", "memory", "at most 150");
    }
  }

  @Test
  void outputsCountWhereTheRunMakesThem() {
    try (PreparedOnnx prepared = new TestModel(13).input("x", ElementType.F32, "n").node("Erf", "x", "y")
        .output("y", ElementType.F32).open().prepare(octet, OnnxOptions.defaults().memoryLimit(100))) {
      assertEquals(25, prepared.run(Map.of("x", Tensor.floats(Shape.of(25), new float[25]))).get("y").shape()
          .elements());
      Map<String, Tensor> larger = Map.of("x", Tensor.floats(Shape.of(26), new float[26]));
      refused(() -> prepared.run(larger), "outputs [F32 [26]]", "limit of 100 bytes");
      Tensor y = Tensor.allocate(ElementType.F32, Shape.of(26));
      prepared.run(larger, Map.of("y", y));
      assertEquals(0, y.floats()[25]);
    }
  }

  @Test
  void manyThreadsRunOneModel() throws Exception {
    try (PreparedOnnx prepared = sums().open().prepare(octet);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Void>> runs = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        float value = i;
        float[] a = new float[2 + 2 * (i % 30)];
        Arrays.fill(a, value);
        Callable<Void> run = () -> {
          float[] sum = prepared.run(inputs(a)).get("sum").floats();
          assertEquals(a.length, sum.length);
          for (float each : sum) {
            assertEquals(11 * value, each);
          }
          return null;
        };
        runs.add(threads.submit(run));
      }
      for (Future<Void> run : runs) {
        run.get();
      }
    }
  }

  @Test
  void fileMayBeClosedBeforeRuns(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("sums.onnx"), sums().bytes());
    PreparedOnnx prepared;
    try (OnnxModel model = OnnxModel.open(file)) {
      prepared = model.prepare(octet);
    }
    Files.delete(file);
    try (prepared) {
      assertArrayEquals(new float[]{55, 132}, prepared.run(inputs(1, 2)).get("scaled").floats());
    }
  }

  @Test
  void closedFilesAreNotPrepared(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("sums.onnx"), sums().bytes());
    OnnxModel model = OnnxModel.open(file);
    model.close();
    model.close();
    assertThrows(IllegalStateException.class, () -> model.prepare(octet));
    OnnxModel ofStream = OnnxModel.open(new ByteArrayInputStream(sums().bytes()));
    ofStream.close();
    ofStream.close();
    assertThrows(IllegalStateException.class, () -> ofStream.prepare(octet));
  }

  @Test
  void streamMayBeClosedBeforeRuns() {
    PreparedOnnx prepared;
    try (OnnxModel model = OnnxModel.open(new ByteArrayInputStream(sums().bytes()))) {
      prepared = model.prepare(octet);
    }
    try (prepared) {
      assertArrayEquals(new float[]{55, 132}, prepared.run(inputs(1, 2)).get("scaled").floats());
    }
  }

  @Test
  void filesThatChangeAreNotPrepared(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("sums.onnx"), sums().bytes());
    try (OnnxModel model = OnnxModel.open(file)) {
      Files.write(file, new byte[]{1}, StandardOpenOption.APPEND);
      assertThrows(UncheckedIOException.class, () -> model.prepare(octet));
    }
  }

  @Test
  void errorsOfFilesNameThem(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("no.onnx"), new byte[]{1, 2, 3});
    String message = assertThrows(MalformedFileException.class, () -> OnnxModel.open(file)).getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    assertThrows(UncheckedIOException.class, () -> OnnxModel.open(folder.resolve("none.onnx")));
  }

  /** Of an Octet with threads, which counts them; runs that fail end theirs as well. */
  @Test
  void runsEndTheSequencesOfCallsThatTheyBegin() {
    try (Octet two = Octet.builder().threads(2).open(); PreparedOnnx prepared = sums().open().prepare(two)) {
      prepared.run(inputs(1, 2));
      prepared.profile(inputs(1, 2), 2);
      assertThrows(IllegalArgumentException.class, () -> prepared.run(Map.of()));
      assertThrows(IllegalStateException.class, two::endSequence);
    }
  }

  @Test
  void afterCloseNothingRuns() {
    PreparedOnnx prepared = sums().open().prepare(octet);
    prepared.run(inputs(1, 2));
    prepared.close();
    prepared.close();
    assertThrows(IllegalStateException.class, () -> prepared.run(inputs(1, 2)));
    assertThrows(IllegalStateException.class, () -> prepared.outputShapes(Map.of()));
    assertEquals(3, prepared.nodes().size());
  }
}
