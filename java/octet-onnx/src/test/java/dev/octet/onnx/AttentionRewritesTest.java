package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Masked softmax and layer norm of a sum as exporters write them, with operands of all shapes that are
 * broadcast to each other: rewritten the floats of node by node and of ONNX Runtime within rounding; and
 * graphs that only look like them stay as they are.
 */
class AttentionRewritesTest {
  private static final long SEED = 41;
  private static final int N = 37;
  private static final double ROUNDING = 5e-6;

  private final TestData data = new TestData(SEED);

  /** The operators that are left, when both ways agree with ONNX Runtime. */
  private static Map<String, Integer> judged(String what, TestModel model, Map<String, Tensor> inputs) {
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = model.open();
        PreparedOnnx rewritten = opened.prepare(octet,
            OnnxOptions.defaults().without(Rewrite.FLOAT_CHAINS));
        PreparedOnnx plain = opened.prepare(octet, OnnxOptions.defaults().withoutRewrites())) {
      Map<String, Tensor> expected = OnnxRuntimeJudge.run(model.bytes(), inputs);
      String with = what + ", " + inputs + ", seed " + SEED;
      TestData.assertSame(with + ", as it is", expected, plain.run(inputs), ROUNDING);
      TestData.assertSame(with + ", rewritten", expected, rewritten.run(inputs), ROUNDING);
      TestData.assertSame(with + ", again", expected, rewritten.run(inputs), ROUNDING);
      return RewritesTest.operators(rewritten);
    }
  }

  private static TestModel scores(int maskRank) {
    return new TestModel(13).input("x", ElementType.F32, null, null, null, null)
        .input("mask", ElementType.F32, new Object[maskRank]).initializer("root", TestData.scalar(5.6568f))
        .initializer("factor", Tensor.floats(Shape.of(1), 0.3f))
        .initializer("vector", data(2, 0.1f, 0.3f)).output("y", ElementType.F32);
  }

  private static Tensor data(int n, float... values) {
    return Tensor.floats(Shape.of(n), values);
  }

  private static final List<List<String>> SCALINGS = List.of(List.of("Div", "x root"),
      List.of("Mul", "x factor"), List.of("Mul", "root x"));

  @Test
  void maskedSoftmaxesBecomeOneNode() {
    long[][] masks = {{2, 1, 1, N}, {1, 1, 1, N}, {1, 1, 4, N}, {2, 1, 4, N}, {2, 3, 4, N}, {N}, {4, N}, {},
        {1}, {2, 1, 4, 1}, {3, 1, N}};
    for (long[] mask : masks) {
      for (List<String> scaling : SCALINGS) {
        TestModel model = scores(mask.length).node(scaling.get(0), scaling.get(1), "s")
            .node("Add", mask.length % 2 == 0 ? "s mask" : "mask s", "a").node("Softmax", "a", "y");
        assertEquals(Map.of("MaskedSoftmax", 1), judged(scaling.toString(), model,
            Map.of("x", data.floats(3, 2, 3, 4, N), "mask", data.floats(9, mask))));
      }
    }
    TestModel wider = scores(4).node("Div", "x root", "s").node("Add", "s mask", "a").node("Softmax", "a",
        "y");
    for (long[] x : new long[][]{{1, 3, 4, N}, {2, 3, 1, 1}, {1, 1, 1, N}}) {
      assertEquals(Map.of("MaskedSoftmax", 1), judged("a mask of more elements", wider,
          Map.of("x", data.floats(3, x), "mask", data.floats(9, 2, 3, 4, N))));
    }
  }

  @Test
  void whatOnlyLooksLikeAMaskedSoftmaxStays() {
    Map<String, Tensor> inputs = Map.of("x", data.floats(3, 2, 3, 4, 2), "mask", data.floats(9, 1, 1, 1, 2));
    assertEquals(1, judged("another axis", scores(4).node("Div", "x root", "s").node("Add", "s mask", "a")
        .node("Softmax", "a", "y").attribute("axis", 1L), inputs).get("Softmax"));
    assertEquals(1, judged("a number for each column", scores(4).node("Div", "x vector", "s")
        .node("Add", "s mask", "a").node("Softmax", "a", "y"), inputs).get("Softmax"));
    assertEquals(1, judged("divided the other way", scores(4).node("Div", "root x", "s")
        .node("Add", "s mask", "a").node("Softmax", "a", "y"), inputs).get("Softmax"));
    for (String read : List.of("s", "a")) {
      assertEquals(1,
          judged(read + " is an output", scores(4).output(read, ElementType.F32).node("Div", "x root", "s")
              .node("Add", "s mask", "a").node("Softmax", "a", "y"), inputs).get("Softmax"));
    }
    assertEquals(1, judged("the sum of a value with itself", scores(4).node("Div", "x root", "s")
        .node("Add", "s s", "a").node("Softmax", "a", "p").node("Add", "p mask", "y"), inputs)
        .get("Softmax"));
  }

  /** Rows that lie together and rows that do not, more of them than are held at a time. */
  @Test
  void integersOfProbabilitiesAreMadeInIt() {
    QdqModel.Differences differences = new QdqModel.Differences();
    int seed = 0;
    for (ElementType type : List.of(ElementType.U8, ElementType.I8)) {
      for (long[] mask : new long[][]{{2, 1, 1, N}, {2, 1, 400, 1}, {2, 2, 400, N}, {}}) {
        QdqModel model = new QdqModel(13, SEED + seed++);
        String scores = model.input("x", ElementType.U8, 2, 2, 400, N);
        model.model.initializer("root", TestData.scalar(0.7f)).initializer("mask", data.floats(3, mask))
            .node("Add", scores + " " + scores, "sum").node("Div", "sum root", "s")
            .node("Add", "s mask", "a").node("Softmax", "a", "p");
        model.output("p", "y", type, 1 / 255f, type == ElementType.U8 ? 0 : -128);
        assertEquals(Map.of("MaskedSoftmax", 1, "DequantizeLinear", 1, "Add", 1),
            model.judged("mask " + Shape.of(mask), OnnxOptions.defaults(), 1, differences));
      }
    }
    System.out.println("masked softmax of 8 bits: " + differences);
  }

  private TestModel norm(int rank, String... outputs) {
    TestModel model = new TestModel(13).input("x", ElementType.F32, null, null, N)
        .input("r", ElementType.F32, new Object[rank]).initializer("two", TestData.scalar(2))
        .initializer("epsilon", TestData.scalar(1e-5f)).initializer("w", data.floats(1, N))
        .initializer("b", data.floats(1, N)).node("Add", "x r", "z").node("ReduceMean", "z", "m")
        .attribute("axes", new long[]{-1}).node("Sub", "z m", "d").node("Pow", "d two", "s")
        .node("ReduceMean", "s", "v").attribute("axes", new long[]{-1}).node("Add", "v epsilon", "e")
        .node("Sqrt", "e", "root").node("Div", "d root", "q").node("Mul", "q w", "p")
        .node("Add", "p b", "y").output("y", ElementType.F32);
    for (String output : outputs) {
      model.output(output, ElementType.F32);
    }
    return model;
  }

  @Test
  void sumsBeforeALayerNormBecomePartOfIt() {
    for (long[] residual : new long[][]{{2, 5, N}, {1, 5, N}, {2, 1, N}, {2, 5, 1}, {N}, {1}, {}}) {
      assertEquals(Map.of("RowNorm", 1), judged("residual", norm(residual.length),
          Map.of("x", data.floats(3, 2, 5, N), "r", data.floats(2, residual))));
    }
  }

  @Test
  void sumsThatOthersReadStay() {
    assertEquals(Map.of("Add", 1, "RowNorm", 1), judged("the sum is an output", norm(3, "z"),
        Map.of("x", data.floats(3, 2, 5, N), "r", data.floats(2, 2, 5, N))));
  }
}
