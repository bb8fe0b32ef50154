package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Layer norm and GELU as exporters write them: rewritten the floats of node by node and of ONNX Runtime
 * within rounding; and graphs that only look like them stay as they are.
 */
class FloatRewritesTest {
  private static final long SEED = 37;
  private static final int N = 77;
  private static final double ROUNDING = 5e-6;
  /** Of thousands of functions, one of the other. */
  private static final double MANY = 1e-3;

  private final TestData data = new TestData(SEED);

  private TestModel model() {
    return new TestModel(13).input("x", ElementType.F32, "n", null, N)
        .initializer("two", TestData.scalar(2)).initializer("epsilon", TestData.scalar(1e-5f))
        .initializer("w", data.floats(1, N)).initializer("b", data.floats(1, N))
        .initializer("root", TestData.scalar((float) Math.sqrt(2))).initializer("one", TestData.scalar(1))
        .initializer("half", Tensor.floats(Shape.of(1), 0.5f))
        .initializer("inverse", TestData.scalar((float) Math.sqrt(0.5)));
  }

  private static void norm(TestModel model, boolean power, boolean turned) {
    model.node("ReduceMean", "x", "m").attribute("axes", new long[]{-1}).node("Sub", "x m", "d");
    model.node(power ? "Pow" : "Mul", power ? "d two" : "d d", "s").node("ReduceMean", "s", "v")
        .attribute("axes", new long[]{2}).node("Add", turned ? "epsilon v" : "v epsilon", "e")
        .node("Sqrt", "e", "r")
        .node("Div", "d r", "q").node("Mul", turned ? "w q" : "q w", "p")
        .node("Add", turned ? "b p" : "p b", "y");
  }

  /** The operators that are left, when both ways agree. */
  private Map<String, Integer> judged(String what, TestModel model) {
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = model.open();
        PreparedOnnx rewritten = opened.prepare(octet,
            OnnxOptions.defaults().without(Rewrite.FLOAT_CHAINS));
        PreparedOnnx plain = opened.prepare(octet, OnnxOptions.defaults().withoutRewrites());
        OnnxRuntimeJudge judge = new OnnxRuntimeJudge(model.bytes())) {
      for (int rows : new int[]{1, 40}) {
        Map<String, Tensor> inputs = Map.of("x", data.floats(3, 2, rows, N));
        TestData.assertSame(what + ", seed " + SEED, plain.run(inputs), rewritten.run(inputs), ROUNDING);
        TestData.assertSame(what + ", seed " + SEED, judge.run(inputs), rewritten.run(inputs), ROUNDING);
      }
      return RewritesTest.operators(rewritten);
    }
  }

  @Test
  void layerNormsBecomeOneNode() {
    for (boolean power : new boolean[]{false, true}) {
      for (boolean turned : new boolean[]{false, true}) {
        TestModel model = model().output("y", ElementType.F32);
        norm(model, power, turned);
        assertEquals(Map.of("RowNorm", 1), judged("layer norm", model));
      }
    }
  }

  @Test
  void layerNormsThatOthersReadStay() {
    for (String value : List.of("m", "d", "v", "r", "q", "p")) {
      TestModel model = model().output("y", ElementType.F32).output(value, ElementType.F32);
      norm(model, true, false);
      assertEquals(9,
          judged(value + " is an output", model).values().stream().mapToInt(Integer::intValue).sum());
    }
  }

  @Test
  void whatOnlyLooksLikeALayerNormStays() {
    staysNorm("means of other rows",
        model -> model.node("ReduceMean", "x", "m").attribute("axes", new long[]{1})
            .node("Sub", "x m", "d"),
        "epsilon", "d r");
    staysNorm("the mean of another value", model -> model.node("Erf", "x", "z").node("ReduceMean", "z", "m")
        .attribute("axes", new long[]{-1}).node("Sub", "x m", "d"), "epsilon", "d r");
    Consumer<TestModel> centred = model -> model.node("ReduceMean", "x", "m")
        .attribute("axes", new long[]{-1})
        .node("Sub", "x m", "d");
    staysNorm("a vector for epsilon", centred, "w2", "d r");
    staysNorm("divided the other way", centred, "epsilon", "r d");
  }

  private void staysNorm(String what, Consumer<TestModel> centred, String epsilon, String quotient) {
    TestModel model = model().output("y", ElementType.F32)
        .initializer("w2", Tensor.floats(Shape.of(2, 1, 1), 0.5f, 0.25f));
    centred.accept(model);
    model.node("Mul", "d d", "s").node("ReduceMean", "s", "v").attribute("axes", new long[]{2})
        .node("Add", "v " + epsilon, "e").node("Sqrt", "e", "r").node("Div", quotient, "q")
        .node("Mul", "q w", "p")
        .node("Add", "p b", "y");
    assertEquals(null, judgedLoosely(what, model).get("RowNorm"), what);
  }

  /** Where a quotient by something near 0 makes rounding large, only that both ways agree. */
  private Map<String, Integer> judgedLoosely(String what, TestModel model) {
    return agree(what, model, 0);
  }

  private Map<String, Integer> agree(String what, TestModel model, double tolerance) {
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = model.open();
        PreparedOnnx rewritten = opened.prepare(octet,
            OnnxOptions.defaults().without(Rewrite.FLOAT_CHAINS));
        PreparedOnnx plain = opened.prepare(octet, OnnxOptions.defaults().withoutRewrites())) {
      Map<String, Tensor> inputs = Map.of("x", data.floats(3, 2, 5, N));
      TestData.assertSame(what, plain.run(inputs), rewritten.run(inputs), tolerance);
      return RewritesTest.operators(rewritten);
    }
  }

  private TestModel tanh(String cube, String sum) {
    TestModel model = model().output("y", ElementType.F32).initializer("three", TestData.scalar(3))
        .initializer("small", TestData.scalar(0.044715f))
        .initializer("scale", TestData.scalar((float) Math.sqrt(2 / Math.PI)));
    if (cube.startsWith("x")) {
      model.node("Pow", cube, "c");
    } else {
      model.node("Mul", "x x", "s").node("Mul", cube, "c");
    }
    return model.node("Mul", "c small", "d").node("Add", sum, "e").node("Mul", "scale e", "z")
        .node("Tanh", "z", "f").node("Add", "f one", "a");
  }

  @Test
  void gelusByTangentBecomeOneNode() {
    for (String cube : List.of("x three", "s x")) {
      for (String sum : List.of("x d", "d x")) {
        assertEquals(Map.of("Gelu", 1), judged(cube + ", " + sum,
            tanh(cube, sum).node("Mul", "x half", "h").node("Mul", "h a", "y")));
        assertEquals(Map.of("Gelu", 1), judged(cube + ", " + sum,
            tanh(cube, sum).node("Mul", "x a", "p").node("Mul", "p half", "y")));
      }
    }
  }

  @Test
  void whatOnlyLooksLikeAGeluByTangentStays() {
    for (String cube : List.of("x two", "s s", "x w")) {
      assertEquals(null, judgedLoosely("another power", tanh(cube, "x d").node("Mul", "x half", "h")
          .node("Mul", "h a", "y")).get("Gelu"), cube);
    }
    assertEquals(null, judgedLoosely("a sum of others", tanh("s x", "s d")
        .node("Mul", "x half", "h").node("Mul", "h a", "y")).get("Gelu"));
    for (String read : List.of("c", "d", "e", "z", "f", "a", "h")) {
      assertEquals(null, judged(read + " is an output", tanh("x three", "x d").output(read, ElementType.F32)
          .node("Mul", "x half", "h").node("Mul", "h a", "y")).get("Gelu"), read);
    }
  }

  @Test
  void gelusBecomeOneNode() {
    for (List<String> scaling : List.of(List.of("Div", "x root"), List.of("Mul", "x inverse"),
        List.of("Mul", "inverse x"))) {
      for (String product : List.of("x a", "a x")) {
        TestModel model = model().output("y", ElementType.F32);
        model.node(scaling.get(0), scaling.get(1), "z").node("Erf", "z", "f").node("Add", "f one", "a")
            .node("Mul", product, "p").node("Mul", product.equals("x a") ? "p half" : "half p", "y");
        assertEquals(Map.of("Gelu", 1), judged(scaling + ", " + product, model));
      }
    }
    TestModel first = model().output("y", ElementType.F32).node("Div", "x root", "z").node("Erf", "z", "f")
        .node("Add", "one f", "a").node("Mul", "half x", "h").node("Mul", "a h", "y");
    assertEquals(Map.of("Gelu", 1), judged("halved first", first));
  }

  @Test
  void graphsOfManyNodesAreRewrittenToo() {
    int count = 5000;
    TestModel model = model();
    for (int i = 0; i < count; i++) {
      String x = i == 0 ? "x" : "x" + i;
      model.node("Div", x + " root", "z" + i).node("Erf", "z" + i, "f" + i)
          .node("Add", "f" + i + " one", "a" + i)
          .node("Mul", x + " a" + i, "p" + i).node("Mul", "p" + i + " half", "x" + (i + 1));
    }
    model.output("x" + count, ElementType.F32);
    assertEquals(Map.of("Gelu", count), agree("many", model, MANY));
  }

  @Test
  void whatOnlyLooksLikeAGeluStays() {
    TestModel other = model().output("y", ElementType.F32).node("Div", "x root", "z").node("Erf", "z", "f")
        .node("Add", "f two", "a").node("Mul", "x a", "p").node("Mul", "p half", "y");
    assertEquals(1, judged("2, not 1", other).get("Erf"));
    TestModel turned = model().output("y", ElementType.F32).node("Div", "root x", "z").node("Erf", "z", "f")
        .node("Add", "f one", "a").node("Mul", "x a", "p").node("Mul", "p half", "y");
    assertEquals(1, judged("divided by x", turned).get("Erf"));
    TestModel square = model().output("y", ElementType.F32).node("Div", "x root", "z").node("Erf", "z", "f")
        .node("Add", "f one", "a").node("Mul", "a a", "p").node("Mul", "p half", "y");
    assertEquals(1, judged("without x", square).get("Erf"));
    TestModel read = model().output("y", ElementType.F32).output("f", ElementType.F32)
        .node("Div", "x root", "z")
        .node("Erf", "z", "f").node("Add", "f one", "a").node("Mul", "x a", "p").node("Mul", "p half", "y");
    assertEquals(1, judged("an output", read).get("Erf"));
    TestModel half = model().output("y", ElementType.F32).node("Div", "x root", "z").node("Erf", "z", "f")
        .node("Add", "f one", "a").node("Mul", "w half", "h").node("Mul", "a h", "y");
    assertEquals(1, judged("half of something else", half).get("Erf"));
    TestModel twice = model().output("y", ElementType.F32).node("Div", "x root", "z").node("Erf", "z", "f")
        .node("Add", "f one", "a").node("Mul", "x a", "p").node("Mul", "p two", "y");
    assertEquals(1, judged("twice, not half", twice).get("Erf"));
  }

  private TestModel product(String second, String... outputs) {
    TestModel model = model().output("y", ElementType.F32).initializer("m", data.floats(1, N, 5))
        .initializer("row", data.floats(1, 5)).initializer("matrix", data.floats(1, 1, 5))
        .node("MatMul", "x m", "p").node("Add", second, "y");
    for (String output : outputs) {
      model.output(output, ElementType.F32);
    }
    return model;
  }

  @Test
  void aRowThatIsAddedBecomesPartOfTheProduct() {
    assertEquals(Map.of("BiasedMatMul", 1), judged("bias behind", product("p row")));
    assertEquals(Map.of("BiasedMatMul", 1), judged("bias before", product("row p")));
    Map<String, Integer> both = Map.of("MatMul", 1, "Add", 1);
    assertEquals(both, judged("a row of two axes", product("p matrix")));
    assertEquals(both, judged("the product is an output", product("p row", "p")));
    assertEquals(both, judged("a product with itself", product("p p")));
  }
}
