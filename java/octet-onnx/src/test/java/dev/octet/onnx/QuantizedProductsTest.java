package dev.octet.onnx;

import static dev.octet.onnx.value.ElementType.F32;
import static dev.octet.onnx.value.ElementType.I8;
import static dev.octet.onnx.value.ElementType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.onnx.value.ElementType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * MatMul and Gemm between DequantizeLinear and QuantizeLinear become products of integers, which move results
 * by at most 1; graphs that only look like them stay.
 */
class QuantizedProductsTest {
  private static final long SEED = 67;
  private static final int K = 40;
  private static final int N = 9;

  private final QdqModel.Differences differences = new QdqModel.Differences();

  private static String bias(QdqModel model, boolean matrix) {
    return model.constant(matrix ? model.data.floats(1, 1, N) : model.data.floats(1, N));
  }

  private static QdqModel matMul(long seed, ElementType type, int bits, boolean floats) {
    QdqModel model = new QdqModel(13, seed);
    String x = model.input("x", type, 2, 7, K);
    model.model.node("MatMul", x + " "
        + model.weights(model.data.bytes(I8, K, N), (bits & 1) != 0 ? 1 : -1, (bits & 2) != 0), "p");
    String result = "p";
    if ((bits & 4) != 0) {
      result = "s";
      String bias = bias(model, false);
      model.model.node("Add", (bits & 2) != 0 ? bias + " p" : "p " + bias, result);
    }
    if ((bits & 8) != 0) {
      model.model.node("Relu", result, "r");
      result = "r";
    }
    if (floats) {
      model.model.output(result, F32);
      return model;
    }
    return model.output(result, type, 0.1f);
  }

  private static QdqModel gemm(long seed, ElementType type, int bits) {
    QdqModel model = new QdqModel(13, seed);
    boolean turned = (bits & 4) != 0;
    String x = model.input("x", type, 7, K);
    String w = turned
        ? model.weights(model.data.bytes(I8, N, K), (bits & 1) != 0 ? 0 : -1, (bits & 2) != 0)
        : model.weights(model.data.bytes(I8, K, N), (bits & 1) != 0 ? 1 : -1, (bits & 2) != 0);
    String inputs = x + " " + w + ((bits & 8) != 0 ? " " + bias(model, (bits & 1) != 0) : "");
    model.model.node("Gemm", inputs, "p").attribute("transB", turned ? 1L : 0L);
    return model.output("p", type, 0.1f);
  }

  @Test
  void resultsMoveByAtMostOne() {
    int count = 0;
    for (ElementType type : List.of(U8, I8)) {
      for (int bits = 0; bits < 16; bits++) {
        for (QdqModel model : List.of(matMul(SEED + count, type, bits, false),
            gemm(SEED + count, type, bits))) {
          assertEquals(Map.of("QuantizedProduct", 1),
              model.judged("seed " + (SEED + count), OnnxOptions.defaults(), 1, differences));
        }
        count++;
      }
    }
    System.out.println(2 * count + " quantized products: " + differences);
  }

  @Test
  void floatsStayFloats() {
    for (int bits = 0; bits < 8; bits++) {
      assertEquals(Map.of("QuantizedProduct", 1), matMul(SEED, U8, bits, true).judged("floats, seed " + SEED,
          OnnxOptions.defaults(), 1, differences));
    }
  }

  /** As PyTorch writes a linear layer: weights of any size, with out channels first. */
  @Test
  void weightsMayBeTransposed() {
    for (int k : new int[]{K, 3000}) {
      QdqModel model = new QdqModel(13, SEED);
      String w = model.weights(model.data.bytes(I8, N, k), 0, true);
      model.model.node("Transpose", w, "turned").attribute("perm", 1L, 0L).node("MatMul",
          model.input("x", U8, 5, k) + " turned", "p");
      model.output("p", U8, 0.7f);
      assertEquals(Map.of("QuantizedProduct", 1),
          model.judged("k " + k, OnnxOptions.defaults(), 1, differences));
    }
  }

  /** A model whose product of floats stays. */
  private void stays(String what, String operator, QdqModel model) {
    Map<String, Integer> operators = model.judged(what, OnnxOptions.defaults(), 0, differences);
    assertEquals(1, operators.get(operator), what + ": " + operators);
  }

  @Test
  void whatOnlyLooksLikeAProductOfIntegersStays() {
    QdqModel rows = new QdqModel(13, SEED);
    rows.model.node("MatMul",
        rows.input("x", U8, 5, K) + " " + rows.weights(rows.data.bytes(I8, K, K), 0, false), "p");
    stays("a scale of each row", "MatMul", rows.output("p", U8, 0.1f));
    for (String attribute : List.of("alpha", "beta")) {
      QdqModel factor = new QdqModel(13, SEED);
      factor.model
          .node("Gemm",
              factor.input("x", U8, 5, K) + " " + factor.weights(factor.data.bytes(I8, K, N), 1, false)
                  + " " + bias(factor, false),
              "p")
          .attribute(attribute, 2f);
      stays(attribute, "Gemm", factor.output("p", U8, 0.1f));
    }
    QdqModel turned = new QdqModel(13, SEED);
    turned.model.node("Gemm",
        turned.input("x", U8, K, 5) + " " + turned.weights(turned.data.bytes(I8, K, N), 1, false), "p")
        .attribute("transA", 1L);
    stays("rows are columns", "Gemm", turned.output("p", U8, 0.1f));
    QdqModel off = matMul(SEED, U8, 7, false);
    assertEquals(1,
        off.judged("off", OnnxOptions.defaults().without(Rewrite.QUANTIZED_PRODUCTS), 0, differences)
            .get("BiasedMatMul"));
  }
}
