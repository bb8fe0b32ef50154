package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Dynamic products as quantizers write them: rewritten, as they are, and in ONNX Runtime the same floats, bit
 * for bit; and graphs that only look like them stay as they are.
 */
class RewritesTest {
  private static final long SEED = 31;
  private static final int K = 70;
  private static final int N = 33;

  private final TestData data = new TestData(SEED);

  /** How a product of a model is written. */
  private record Form(ElementType type, boolean scalePerColumn, boolean zeroPerColumn, boolean hasZero,
      boolean hasBias, boolean turned) {}

  /** A linear layer on x, quantized by the node that makes q, s and z. */
  private void layer(TestModel model, String name, Form form) {
    model.initializer(name + "w", data.bytes(form.type, K, N));
    model.initializer(name + "sw", positive(form.scalePerColumn ? N : 1));
    String zero = "";
    if (form.hasZero) {
      model.initializer(name + "zw", form.zeroPerColumn ? data.bytes(form.type, N) : data.bytes(form.type));
      zero = " " + name + "zw";
    }
    String sum = name + "f";
    String scales = name + "ss";
    model.node("Mul", form.turned ? name + "sw s" : "s " + name + "sw", scales);
    model.node("MatMulInteger", "q " + name + "w z" + zero, name + "i");
    model.node("Cast", name + "i", sum).attribute("to", 1);
    model.node("Mul", form.turned ? scales + " " + sum : sum + " " + scales,
        form.hasBias ? name + "p" : name);
    if (form.hasBias) {
      model.initializer(name + "b", data.floats(1, N));
      model.node("Add", form.turned ? name + "b " + name + "p" : name + "p " + name + "b", name);
    }
    model.output(name, ElementType.F32);
  }

  private Tensor positive(int count) {
    Tensor scales = data.integers(ElementType.I32, 1, 1000, count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = scales.data().get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i) * 1e-5f;
    }
    return Tensor.floats(Shape.of(count), values);
  }

  private static TestModel quantized() {
    return new TestModel(11).input("x", ElementType.F32, "batch", null, K).node("DynamicQuantizeLinear", "x",
        "q s z");
  }

  /** How many nodes of each operator there are, rewritten. */
  static Map<String, Integer> operators(PreparedOnnx prepared) {
    Map<String, Integer> result = new TreeMap<>();
    prepared.nodes().forEach(node -> result.merge(node.operator(), 1, Integer::sum));
    return result;
  }

  private Map<String, Integer> judged(String what, TestModel model, OnnxOptions options) {
    return judged(what + ", seed " + SEED, model, options,
        List.of(data.floats(3, 2, 1, K), data.floats(3, 2, 7, K)));
  }

  /**
   * Runs a model with and without rewrites and in ONNX Runtime, bit for bit the same; returns its operators
   * when rewritten.
   */
  static Map<String, Integer> judged(String what, TestModel model, OnnxOptions options, List<Tensor> trials) {
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = model.open();
        PreparedOnnx rewritten = opened.prepare(octet, options);
        PreparedOnnx plain = opened.prepare(octet, OnnxOptions.defaults().withoutRewrites());
        OnnxRuntimeJudge judge = new OnnxRuntimeJudge(model.bytes())) {
      for (Tensor trial : trials) {
        Map<String, Tensor> inputs = Map.of("x", trial);
        Map<String, Tensor> expected = judge.run(inputs);
        TestData.assertSame(what + ", rewritten", expected, rewritten.run(inputs), 0);
        TestData.assertSame(what + ", as it is", expected, plain.run(inputs), 0);
      }
      return operators(rewritten);
    }
  }

  @Test
  void oneProductOfFloatsIsMadeAndNoBitChanges() {
    int count = 0;
    for (ElementType type : List.of(ElementType.I8, ElementType.U8)) {
      for (int bits = 0; bits < 32; bits++) {
        Form form = new Form(type, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0,
            (bits & 16) != 0);
        TestModel model = quantized();
        layer(model, "y", form);
        assertEquals(Map.of("DynamicProduct", 1),
            judged(form + ", seed " + SEED, model, OnnxOptions.defaults()));
        count++;
      }
    }
    System.out.println(count + " forms of a dynamic product, all equal");
  }

  @Test
  void productsThatShareTheirIntegersQuantizeOnce() {
    Form form = new Form(ElementType.I8, true, false, true, true, false);
    TestModel model = quantized();
    layer(model, "query", form);
    layer(model, "key", form);
    layer(model, "value", form);
    assertEquals(Map.of("DynamicQuantizeLinear", 1, "IntegerProduct", 3),
        judged("shared", model, OnnxOptions.defaults()));
  }

  @Test
  void eachRewriteCanBeSwitchedOff() {
    Form form = new Form(ElementType.U8, true, false, true, true, false);
    TestModel model = quantized();
    layer(model, "y", form);
    assertEquals(Map.of("DynamicQuantizeLinear", 1, "IntegerProduct", 1),
        judged("without", model, OnnxOptions.defaults().without(Rewrite.DYNAMIC_PRODUCTS)));
    Map<String, Integer> plain = Map.of("Add", 1, "Cast", 1, "DynamicQuantizeLinear", 1, "MatMulInteger", 1,
        "Mul",
        2);
    assertEquals(plain, judged("without", model, OnnxOptions.defaults().without(Rewrite.INTEGER_PRODUCTS)));
    assertEquals(plain, judged("none", model, OnnxOptions.defaults().withoutRewrites()));
  }

  @Test
  void reportNamesWhatIsFused() {
    TestModel model = quantized();
    layer(model, "y", new Form(ElementType.I8, true, false, true, true, false));
    try (Octet octet = Octet.builder().threads(1).open();
        PreparedOnnx prepared = model.open().prepare(octet)) {
      NodeReport node = prepared.nodes().getFirst();
      assertEquals("theMatMulInteger2", node.name());
      assertEquals(List.of("theDynamicQuantizeLinear0 (DynamicQuantizeLinear)",
          "theMatMulInteger2 (MatMulInteger)", "theCast3 (Cast)", "theMul4 (Mul)", "theMul1 (Mul)",
          "theAdd5 (Add)"), node.origins());
      assertTrue(node.kernel().matches("[a-z]+:.+"), node.kernel());
      assertEquals("1 nodes, 1 on Octet's engines", prepared.toString());
      assertEquals(node + "\n", prepared.report());
    }
  }

  /** A model that differs from the form in one thing keeps its MatMulInteger. */
  private void stays(String what, Consumer<TestModel> rest) {
    TestModel model = quantized();
    model.initializer("w", data.bytes(ElementType.I8, K, N)).initializer("sw", positive(N));
    rest.accept(model);
    Map<String, Integer> operators = judged(what, model, OnnxOptions.defaults());
    assertEquals(1, operators.get("MatMulInteger"), what + ": " + operators);
  }

  @Test
  void whatOnlyLooksLikeAProductStays() {
    stays("scales one after the other",
        model -> model.node("MatMulInteger", "q w z", "i").node("Cast", "i", "f").attribute("to", 1)
            .node("Mul", "f s", "p").node("Mul", "p sw", "y").output("y", ElementType.F32));
    stays("integers are an output too",
        model -> model.node("MatMulInteger", "q w z", "i").node("Cast", "i", "f").attribute("to", 1)
            .node("Mul", "s sw", "ss").node("Mul", "f ss", "y").output("y", ElementType.F32)
            .output("i", ElementType.I32));
    stays("integers are read twice",
        model -> model.node("MatMulInteger", "q w z", "i").node("Cast", "i", "f").attribute("to", 1)
            .node("Mul", "s sw", "ss").node("Mul", "f ss", "p").node("Add", "p f", "y")
            .output("y", ElementType.F32));
    stays("no zero point of the input",
        model -> model.node("MatMulInteger", "q w", "i").node("Cast", "i", "f").attribute("to", 1)
            .node("Mul", "s sw", "ss").node("Mul", "f ss", "y").output("y", ElementType.F32));
    stays("a scale of 0", model -> model.initializer("none", Tensor.floats(Shape.of(1), 0))
        .node("MatMulInteger", "q w z", "i").node("Cast", "i", "f").attribute("to", 1)
        .node("Mul", "s none", "ss")
        .node("Mul", "f ss", "y").output("y", ElementType.F32));
    stays("a product with itself",
        model -> model.node("MatMulInteger", "q w z", "i").node("Cast", "i", "f").attribute("to", 1)
            .node("Mul", "f f", "y").output("y", ElementType.F32));
  }

  @Test
  void whatIsReadElsewhereIsStillThere() {
    TestModel model = quantized();
    layer(model, "y", new Form(ElementType.I8, true, false, true, true, false));
    model.output("yp", ElementType.F32).output("s", ElementType.F32).output("yss", ElementType.F32);
    assertEquals(Map.of("Add", 1, "DynamicQuantizeLinear", 1, "IntegerProduct", 1, "Mul", 1),
        judged("read elsewhere", model, OnnxOptions.defaults()));
  }
}
