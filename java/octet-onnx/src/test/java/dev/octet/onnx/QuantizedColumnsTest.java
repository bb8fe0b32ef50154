package dev.octet.onnx;

import static dev.octet.onnx.value.ElementType.F32;
import static dev.octet.onnx.value.ElementType.I8;
import static dev.octet.onnx.value.ElementType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Mul with powers of 2 and QuantizeLinear become one node, with the same integers; others stay. */
class QuantizedColumnsTest {
  private static final long SEED = 83;
  private static final float[] POWERS = {1, 0.5f, 4, 64, 0.015625f};

  private final TestData data = new TestData(SEED);

  private static TestModel model(ElementType type, String product, Tensor factors) {
    return new TestModel(13).input("x", F32, null, null, POWERS.length).initializer("f", factors)
        .initializer("scale", TestData.scalar(0.037f)).initializer("zero", QdqModel.scalar(type, 7))
        .node("Mul", product, "p").node("QuantizeLinear", "p scale zero", "y").output("y", type);
  }

  private Map<String, Integer> judged(String what, TestModel model) {
    float[] values = data.floats(2, 3, 5, POWERS.length).floats();
    float[] special = {Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, Float.MIN_NORMAL, -0f,
        Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 3e-39f, 1e38f, -1e-38f};
    System.arraycopy(special, 0, values, 0, special.length);
    Map<String, Tensor> inputs = Map.of("x", Tensor.floats(Shape.of(3, 5, POWERS.length), values));
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = model.open();
        PreparedOnnx rewritten = opened.prepare(octet);
        PreparedOnnx plain = opened.prepare(octet, OnnxOptions.defaults().withoutRewrites())) {
      Map<String, Tensor> expected = OnnxRuntimeJudge.run(model.bytes(), inputs);
      TestData.assertSame(what + ", as it is", expected, plain.run(inputs), 0);
      TestData.assertSame(what + ", rewritten", expected, rewritten.run(inputs), 0);
      return RewritesTest.operators(rewritten);
    }
  }

  @Test
  void productsWithPowersOfTwoBecomeScales() {
    for (ElementType type : new ElementType[]{U8, I8}) {
      for (String product : new String[]{"x f", "f x"}) {
        assertEquals(Map.of("ColumnQuantize", 1),
            judged(product, model(type, product, Tensor.floats(Shape.of(POWERS.length), POWERS))));
      }
    }
  }

  @Test
  void otherProductsStay() {
    float[][] others = {{1, 0.5f, 3, 1, 1}, {1, 1, 1, 1, 0}, {1, 1, 1, -2, 1}, {0x1p60f, 1, 1, 1, 1},
        {Float.MIN_VALUE, 1, 1, 1, 1}, {Float.POSITIVE_INFINITY, 1, 1, 1, 1}};
    for (float[] factors : others) {
      TestModel model = model(U8, "x f", Tensor.floats(Shape.of(factors.length), factors));
      try (Octet octet = Octet.builder().threads(1).open();
          PreparedOnnx rewritten = model.open().prepare(octet)) {
        assertEquals(1, RewritesTest.operators(rewritten).get("Mul"), java.util.Arrays.toString(factors));
      }
    }
    assertEquals(1, judged("a matrix", model(U8, "x f", data.floats(1, 5, POWERS.length))).get("Mul"));
    assertEquals(1, judged("others read it",
        model(U8, "x f", Tensor.floats(Shape.of(POWERS.length), POWERS)).output("p", F32)).get("Mul"));
  }
}
