package dev.octet.onnx;

import static dev.octet.onnx.value.ElementType.BOOL;
import static dev.octet.onnx.value.ElementType.F32;
import static dev.octet.onnx.value.ElementType.I64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.Tensor;
import dev.octet.quantize.file.MalformedFileException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Branches: which one is run, what they read of the graph around them, and what is wrong in them. */
class IfTest {
  private static final long SEED = 89;
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

  private static TestModel model() {
    return new TestModel(13).input("c", BOOL).input("x", F32, "n", 4);
  }

  private static TestModel branch() {
    return new TestModel(13);
  }

  private static Tensor condition(boolean value) {
    return QdqModel.scalar(BOOL, value ? 1 : 0);
  }

  private static TestModel branches(TestModel model, String outputs, TestModel first, TestModel second) {
    return model.node("If", "c", outputs).attribute("then_branch", first.graph.setName("first").build())
        .attribute("else_branch", second.graph.setName("second").build());
  }

  private void judged(TestModel model, Map<String, Tensor> inputs) {
    try (PreparedOnnx prepared = model.open().prepare(octet)) {
      Map<String, Tensor> expected = OnnxRuntimeJudge.run(model.bytes(), inputs);
      TestData.assertSame("seed " + SEED, expected, prepared.run(inputs), 1e-6);
      TestData.assertSame("again, seed " + SEED, expected, prepared.run(inputs), 1e-6);
    }
  }

  private void judged(TestModel model) {
    for (boolean value : new boolean[]{true, false}) {
      judged(model, Map.of("c", condition(value), "x", data.floats(1, 3, 4)));
    }
  }

  @Test
  void branchesReadInputsConstantsAndNodesAroundThem() {
    TestModel model = model().initializer("w", data.floats(1, 4, 4)).node("Neg", "x", "negative");
    TestModel first = branch().node("MatMul", "negative w", "p").node("Relu", "p", "a").output("a", F32);
    TestModel second = branch().initializer("v", data.floats(1, 4)).node("Add", "x v", "b").output("b", F32);
    branches(model, "y", first, second).node("Abs", "y", "z").output("y", F32).output("z", F32);
    judged(model);
  }

  @Test
  void aBranchMayGiveBackWhatItReads() {
    TestModel model = model().node("Neg", "x", "negative").initializer("w", data.floats(1, 3, 4));
    branches(model, "y z", branch().output("x", F32).output("negative", F32),
        branch().node("Identity", "w", "b").output("b", F32).node("Abs", "x", "a").output("a", F32))
        .output("y", F32).output("z", F32);
    // ONNX Runtime refuses outputs that no node of the branch makes.
    try (PreparedOnnx prepared = model.open().prepare(octet)) {
      Tensor x = data.floats(1, 3, 4);
      Map<String, Tensor> outputs = prepared.run(Map.of("c", condition(true), "x", x));
      TestData.assertSame("x", x, outputs.get("y"), 0);
      assertEquals(-x.floats()[0], outputs.get("z").floats()[0]);
      assertEquals(Math.abs(x.floats()[0]),
          prepared.run(Map.of("c", condition(false), "x", x)).get("z").floats()[0]);
    }
  }

  @Test
  void branchesAreInEachOther() {
    TestModel model = model().initializer("w", data.floats(1, 4)).node("Not", "c", "d");
    TestModel inner = branch();
    inner.node("If", "d", "i").attribute("then_branch",
        branch().node("Add", "x w", "p").output("p", F32).graph.setName("p").build()).attribute("else_branch",
            branch().node("Mul", "x w", "q").output("q", F32).graph.setName("q").build());
    inner.node("Neg", "i", "a").output("a", F32);
    branches(model, "y", inner, branch().node("Identity", "x", "b").output("b", F32)).output("y", F32);
    judged(model);
  }

  /** As PyTorch writes squeeze: shapes decide, and the results have other ranks. */
  @Test
  void aConditionOnShapesIsKnownBeforeARun() {
    TestModel model = new TestModel(13).input("x", F32, "n", "m")
        .initializer("one", Tensor.longs(Shape.of(), 1))
        .initializer("axis", TestModel.vector(1)).node("Shape", "x", "s").node("Gather", "s one", "m")
        .node("Equal", "m one", "c");
    TestModel first = branch().node("Squeeze", "x axis", "a").output("a", F32);
    TestModel second = branch().node("Identity", "x", "b").output("b", F32);
    branches(model, "y", first, second).node("Neg", "y", "z").output("z", F32);
    judged(model, Map.of("x", data.floats(1, 3, 1)));
    judged(model, Map.of("x", data.floats(1, 3, 4)));
  }

  @Test
  void suchAConditionMayBeInsideOfABranch() {
    TestModel model = new TestModel(13).input("c", BOOL).input("x", F32, "n", "m")
        .initializer("one", Tensor.longs(Shape.of(), 1)).initializer("axis", TestModel.vector(1));
    TestModel first = branch().node("Shape", "x", "s").node("Gather", "s one", "m").node("Equal", "m one",
        "d");
    first.node("If", "d", "i")
        .attribute("then_branch",
            branch().node("Squeeze", "x axis", "p").output("p", F32).graph.setName("p").build())
        .attribute("else_branch",
            branch().node("Identity", "x", "q").output("q", F32).graph.setName("q").build());
    first.node("Neg", "i", "a").output("a", F32);
    TestModel second = branch().node("ReduceMax", "x", "b").attribute("axes", new long[]{1})
        .attribute("keepdims", 0L).output("b", F32);
    branches(model, "y", first, second).output("y", F32);
    for (boolean value : new boolean[]{true, false}) {
      judged(model, Map.of("c", condition(value), "x", data.floats(1, 3, 1)));
    }
  }

  @Test
  void aBranchThatDoesNotFitIsRefusedWhereItIsRun() {
    TestModel model = model().initializer("w", data.floats(1, 2, 4));
    branches(model, "y", branch().node("Add", "x w", "a").output("a", F32),
        branch().node("Neg", "x", "b").output("b", F32)).output("y", F32);
    try (PreparedOnnx prepared = model.open().prepare(octet)) {
      Tensor x = data.floats(1, 3, 4);
      assertEquals(-x.floats()[0],
          prepared.run(Map.of("c", condition(false), "x", x)).get("y").floats()[0]);
      RuntimeException e = assertThrows(IllegalArgumentException.class,
          () -> prepared.run(Map.of("c", condition(true), "x", x)));
      assertTrue(e.getMessage().contains("node theAdd0 (Add)"), e.getMessage());
    }
  }

  @Test
  void shapesThatOnlyARunKnowsAreNotOffered() {
    TestModel model = model().initializer("axis", TestModel.vector(0));
    branches(model, "y", branch().node("Unsqueeze", "x axis", "a").output("a", F32),
        branch().node("Neg", "x", "b").output("b", F32)).output("y", F32);
    try (PreparedOnnx prepared = model.open().prepare(octet)) {
      RuntimeException e = assertThrows(UnsupportedOperationException.class,
          () -> prepared.run(Map.of("c", condition(false), "x", data.floats(1, 3, 4))));
      assertTrue(e.getMessage().contains("node theIf0 (If)"), e.getMessage());
    }
  }

  @Test
  void theMemoryOfBranchesCounts() {
    TestModel model = model().initializer("big", TestModel.vector(1000, 1000, 4));
    TestModel first = branch().node("Expand", "x big", "e").initializer("axes", TestModel.vector(0, 1))
        .node("ReduceSum", "e axes", "a").attribute("keepdims", 0L).output("a", F32);
    branches(model, "y", first,
        branch().node("Identity", "x", "b").node("ReduceMax", "b", "m").attribute("axes", new long[]{0})
            .attribute("keepdims", 0L).output("m", F32))
        .output("y", F32);
    try (PreparedOnnx prepared = model.open().prepare(octet, OnnxOptions.defaults().memoryLimit(1 << 20))) {
      RuntimeException e = assertThrows(IllegalArgumentException.class,
          () -> prepared.run(Map.of("c", condition(false), "x", data.floats(1, 1, 4))));
      assertTrue(e.getMessage().contains("node theIf0 (If)"), e.getMessage());
    }
  }

  private static void refused(Class<? extends RuntimeException> type, TestModel model, String... parts) {
    RuntimeException e = assertThrows(type, () -> model.open().prepare(octet).close());
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage() + " does not say: " + part);
    }
  }

  @Test
  void branchesThatAreWrongAreNamed() {
    TestModel good = branch().node("Neg", "x", "a").output("a", F32);
    refused(MalformedFileException.class, model().node("If", "c", "y").output("y", F32), "theIf0 (If)",
        "then_branch and else_branch");
    refused(MalformedFileException.class,
        branches(model(), "y", good, branch().node("Neg", "none", "b").output("b", F32)).output("y", F32),
        "none",
        "theNeg0 (Neg)");
    refused(MalformedFileException.class,
        branches(model(), "y", good, branch().node("Neg", "x", "b")).output("y", F32), "no outputs");
    refused(MalformedFileException.class, branches(model(), "y z", good, good).output("y", F32),
        "theIf0 (If)",
        "outputs of its branches, 1, got 2");
    refused(MalformedFileException.class,
        branches(model(), "y", good, branch().node("Neg", "x", "b").output("b", F32).output("x", F32))
            .output("y", F32),
        "theIf0 (If)", "1 and 2 outputs");
    refused(MalformedFileException.class,
        branches(model(), "y", good,
            branch().node("Cast", "x", "b").attribute("to", (long) TestModel.number(I64)).output("b", I64))
            .output("y", F32),
        "theIf0 (If)", "one element type");
    refused(MalformedFileException.class,
        branches(model(), "y", good.input("x", F32), good).output("y", F32), "has inputs");
    TestModel floats = new TestModel(13).input("c", F32).input("x", F32, "n", 4);
    TestModel negative = branch().node("Neg", "x", "a").output("a", F32);
    refused(MalformedFileException.class, branches(floats, "y", negative, negative).output("y", F32),
        "input 0: expected one element of type BOOL");
  }

  @Test
  void whatIsMissingInBranchesIsNamedWithTheRest() {
    TestModel model = model();
    branches(model, "y", branch().node("Foo", "x", "a").output("a", F32),
        branch().node("Bar", "x", "b").output("b", F32)).node("Baz", "y", "z").output("z", F32);
    refused(UnsupportedOperationException.class, model, "3 not offered", "theFoo0", "theBar0", "theBaz1");
    try (OnnxModel opened = model.open()) {
      assertEquals(3, opened.missing().size());
      assertEquals("{Bar=1, Baz=1, Foo=1, If=1}", opened.operators().toString());
    }
  }

  @Test
  void graphsInEachOtherAreLimited() {
    TestModel inner = branch().node("Neg", "x", "a").output("a", F32);
    for (int i = 0; i < 20; i++) {
      TestModel outer = branch();
      branches(outer, "a", inner, inner);
      inner = outer.output("a", F32);
      if (i > 3) { // both branches would double the file each time
        inner.graph.getNodeBuilder(0).getAttributeBuilder(1)
            .setG(branch().node("Neg", "x", "a").output("a", F32).graph.setName("short").build());
      }
    }
    refused(MalformedFileException.class,
        branches(model(), "y", inner, branch().node("Neg", "x", "b").output("b", F32)).output("y", F32),
        "at most 16 graphs in each other");
  }
}
