package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.testing.Garbage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Times of nodes: which node has one, which has none, and that runs beside and after a profile stay runs. */
class ProfileTest {
  private static final long SEED = 16;
  private static Octet octet;

  private final TestData data = new TestData(SEED);

  @BeforeAll
  static void open() {
    octet = Octet.builder().threads(1).open();
  }

  @AfterAll
  static void close() {
    octet.close();
  }

  /** A product, its shape, a view of it, a row of a table, and an output that is a copy. */
  private PreparedOnnx layer() {
    return new TestModel(13).input("x", ElementType.F32, "n", 32).input("i", ElementType.I64, "m")
        .initializer("w", data.floats(0.3f, 32, 48)).initializer("s", TestModel.vector(-1))
        .initializer("t", data.floats(1, 5, 3)).node("MatMul", "x w", "p").node("Shape", "p", "d")
        .node("Reshape", "p s", "flat").node("Gather", "t i", "g").node("Softmax", "p", "y")
        .attribute("axis", 1).output("y", ElementType.F32).output("flat", ElementType.F32)
        .output("d", ElementType.I64).output("g", ElementType.F32).output("x", ElementType.F32).open()
        .prepare(octet, OnnxOptions.defaults().withoutRewrites());
  }

  private Map<String, Tensor> inputs(int rows, long... index) {
    return Map.of("x", data.floats(1, rows, 32), "i", Tensor.longs(Shape.of(index.length), index));
  }

  @Test
  void nodesThatRunHaveATime() {
    try (PreparedOnnx prepared = layer()) {
      RunProfile profile = prepared.profile(inputs(16, 1, 4), 1);
      assertEquals(prepared.nodes(), profile.nodes().stream().map(NodeTime::node).toList());
      for (NodeTime time : profile.nodes()) {
        boolean runs = List.of("MatMul", "Gather", "Softmax").contains(time.node().operator());
        assertEquals(runs, time.medianMicros() > 0, time + ", seed " + SEED);
      }
      assertEquals(1, profile.runs());
      assertTrue(profile.medianMicros() >= profile.nodeMicros(), profile + ": parts above the whole");
      assertEquals(17, prepared.profile(inputs(3, 0), 17).runs());
    }
  }

  @Test
  void nodesWithoutElementsTakeNoTime() {
    try (PreparedOnnx prepared = layer()) {
      for (NodeTime time : prepared.profile(inputs(0, 2), 2).nodes()) {
        assertEquals(time.node().operator().equals("Gather"), time.medianMicros() > 0, time.toString());
      }
    }
  }

  @Test
  void aBranchIsPartOfItsIf() {
    TestModel model = new TestModel(13).input("c", ElementType.BOOL).input("x", ElementType.F32, "n")
        .node("If", "c", "y")
        .attribute("then_branch",
            new TestModel(13).node("Erf", "x", "a").node("Exp", "a", "p").output("p", ElementType.F32).graph
                .setName("first").build())
        .attribute("else_branch",
            new TestModel(13).node("Neg", "x", "q").output("q", ElementType.F32).graph.setName("second")
                .build())
        .output("y", ElementType.F32);
    try (PreparedOnnx prepared = model.open().prepare(octet)) {
      for (int condition = 0; condition < 2; condition++) {
        RunProfile profile = prepared.profile(
            Map.of("c", QdqModel.scalar(ElementType.BOOL, condition), "x", data.floats(1, 900)), 3);
        assertEquals(List.of("If"),
            profile.nodes().stream().map(time -> time.node().operator()).toList());
        assertTrue(profile.nodeMicros() > 0, profile.toString());
      }
    }
  }

  @Test
  void runsAfterAProfileAllocateNothing() {
    try (PreparedOnnx prepared = layer()) {
      Map<String, Tensor> inputs = inputs(16, 1, 4);
      Map<String, Tensor> outputs = prepared.run(inputs);
      float[] before = outputs.get("y").floats();
      prepared.profile(inputs, 3);
      Garbage.assertNone(prepared.report(), () -> prepared.run(inputs, outputs));
      assertArrayEquals(before, outputs.get("y").floats());
    }
  }

  @Test
  void whatDoesNotFitIsNamed() {
    PreparedOnnx prepared = layer();
    try (prepared) {
      refused("runs: expected 1 or more, got 0", () -> prepared.profile(inputs(1, 0), 0));
      refused("i: is missing", () -> prepared.profile(Map.of("x", data.floats(1, 1, 32)), 1));
      refused("(Gather)", () -> prepared.profile(inputs(1, 5), 1));
      assertEquals(2, prepared.profile(inputs(1, 4), 2).runs(), "after a run that failed");
    }
    assertThrows(IllegalStateException.class, () -> prepared.profile(inputs(1, 0), 1));
  }

  @Test
  void outputsCount() {
    try (PreparedOnnx prepared = new TestModel(13).input("x", ElementType.F32, "n").node("Erf", "x", "y")
        .output("y", ElementType.F32).open().prepare(octet, OnnxOptions.defaults().memoryLimit(100))) {
      refused("limit of 100 bytes", () -> prepared.profile(Map.of("x", data.floats(1, 26)), 1));
    }
  }

  private static void refused(String part, Runnable profile) {
    String message = assertThrows(IllegalArgumentException.class, profile::run).getMessage();
    assertTrue(message.contains(part), message + " does not say: " + part);
  }

  @Test
  void threadsRunAndProfileAtOnce() throws Exception {
    try (PreparedOnnx prepared = layer(); ExecutorService threads = Executors.newFixedThreadPool(4)) {
      Map<String, Tensor> inputs = inputs(16, 1, 4);
      float[] expected = prepared.run(inputs).get("y").floats();
      List<Future<?>> calls = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        calls.add(threads.submit(
            () -> assertArrayEquals(expected, prepared.run(inputs).get("y").floats())));
        calls.add(threads.submit(() -> {
          for (NodeTime time : prepared.profile(inputs, 5).nodes()) {
            assertTrue(time.medianMicros() < 60e6, time.toString());
          }
        }));
      }
      for (Future<?> call : calls) {
        call.get();
      }
    }
  }

  @Test
  void aTimeIsALine() {
    NodeReport node = new NodeReport("n", "Relu", "java", List.of("n (Relu)"));
    assertEquals("12.3 us, Relu n: java", new NodeTime(node, 12.34).toString());
  }
}
