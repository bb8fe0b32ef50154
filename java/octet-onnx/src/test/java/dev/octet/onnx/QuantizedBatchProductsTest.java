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
 * MatMul of two tensors between DequantizeLinear and QuantizeLinear becomes a product of integers, which
 * moves results by at most 1, with the transpositions of attention in it; graphs that only look like it stay.
 */
class QuantizedBatchProductsTest {
  private static final long SEED = 71;
  private static final long[] HEADS = {0, 2, 1, 3};
  private static final long[] KEYS = {0, 2, 3, 1};
  private static final OnnxOptions WITHOUT = OnnxOptions.defaults()
      .without(Rewrite.QUANTIZED_BATCH_PRODUCTS);

  private final QdqModel.Differences differences = new QdqModel.Differences();

  private static QdqModel product(long seed, ElementType left, ElementType right, ElementType result,
      boolean relu, long[] a, long[] b) {
    QdqModel model = new QdqModel(13, seed);
    model.model.node("MatMul", model.input("a", left, a) + " " + model.input("b", right, b), "p");
    if (relu) {
      model.model.node("Relu", "p", "r");
    }
    if (result == F32) {
      model.model.output(relu ? "r" : "p", F32);
      return model;
    }
    return model.output(relu ? "r" : "p", result, 0.1f);
  }

  @Test
  void resultsMoveByAtMostOne() {
    long[][][] shapes = {{{2, 3, 7, 20}, {2, 3, 20, 9}}, {{2, 3, 7, 20}, {1, 1, 20, 9}}, {{5, 20}, {20, 1}},
        {{2, 3, 7, 20}, {20, 9}}, {{7, 20}, {2, 1, 20, 9}}, {{2, 3, 7, 20}, {3, 20, 9}},
        {{1, 3, 1, 1}, {2, 1, 1, 70}}};
    int count = 0;
    for (ElementType left : List.of(U8, I8)) {
      for (ElementType right : List.of(U8, I8)) {
        for (ElementType result : List.of(U8, I8)) {
          for (long[][] shape : shapes) {
            assertEquals(Map.of("QuantizedBatchProduct", 1),
                product(SEED + count, left, right, result, count % 3 == 0, shape[0], shape[1])
                    .judged("seed " + (SEED + count), OnnxOptions.defaults(), 1, differences));
            count++;
          }
        }
        assertEquals(Map.of("QuantizedBatchProduct", 1),
            product(SEED + count, left, right, F32, false, shapes[0][0], shapes[0][1])
                .judged("floats, seed " + (SEED + count), OnnxOptions.defaults(), 1, differences));
      }
    }
    System.out.println(count + " quantized products of two tensors: " + differences);
  }

  /** Queries and keys as they lie in [batch][tokens][heads][depth]. */
  private static QdqModel scores(long seed) {
    QdqModel model = new QdqModel(13, seed);
    model.model.node("Transpose", model.input("a", U8, 2, 5, 3, 8), "q").attribute("perm", HEADS)
        .node("Transpose", model.input("b", U8, 2, 7, 3, 8), "k").attribute("perm", KEYS)
        .node("MatMul", "q k", "p");
    return model.output("p", U8, 0.1f);
  }

  @Test
  void headsAreMultipliedWhereTheyLie() {
    for (int i = 0; i < 10; i++) {
      assertEquals(Map.of("QuantizedBatchProduct", 1), scores(SEED + i)
          .judged("scores, seed " + (SEED + i), OnnxOptions.defaults(), 1, differences));
      QdqModel context = new QdqModel(13, SEED + i);
      context.model.node("Transpose", context.input("b", I8, 2, 7, 3, 8), "v").attribute("perm", HEADS)
          .node("MatMul", context.input("a", U8, 2, 3, 5, 7) + " v", "c");
      context.quantized("c", "i", U8, 0.1f, 100);
      context.model.node("Transpose", context.dequantized("i", U8, 0.1f, 100), "t").attribute("perm", HEADS);
      context.output("t", U8, 0.1f);
      assertEquals(1, context
          .judged("context, seed " + (SEED + i), OnnxOptions.defaults(), 1, differences)
          .get("QuantizedBatchProduct"));
    }
  }

  @Test
  void whatOnlyLooksLikeItStays() {
    assertEquals(null,
        scores(SEED).judged("switched off", WITHOUT, 1, differences)
            .get("QuantizedBatchProduct"));
    QdqModel vector = product(SEED, U8, U8, U8, false, new long[]{20}, new long[]{3, 20, 9});
    assertEquals(null, vector.judged("a vector", OnnxOptions.defaults(), 1, differences)
        .get("QuantizedBatchProduct"));
  }
}
