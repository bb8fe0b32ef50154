package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Octet;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Products whose operands or results are transposed: where they lie the same bits as node by node, ONNX
 * Runtime's within rounding; and what a product cannot take, or others read, stays.
 */
class TransposedProductsTest {
  private static final long SEED = 43;
  private static final double ROUNDING = 5e-6;
  private static final long[] HEADS = {0, 2, 1, 3};
  private static final long[] KEYS = {0, 2, 3, 1};

  private final TestData data = new TestData(SEED);

  /** The operators that are left, when both ways agree. */
  private static Map<String, Integer> judged(String what, TestModel model, Map<String, Tensor> inputs) {
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = model.open();
        PreparedOnnx rewritten = opened.prepare(octet);
        PreparedOnnx plain = opened.prepare(octet,
            OnnxOptions.defaults().without(Rewrite.TRANSPOSED_PRODUCTS))) {
      String with = what + ", " + inputs + ", seed " + SEED;
      Map<String, Tensor> expected = plain.run(inputs);
      TestData.assertSame(with, OnnxRuntimeJudge.run(model.bytes(), inputs), expected, ROUNDING);
      TestData.assertSame(with + ", rewritten", expected, rewritten.run(inputs), 0);
      return RewritesTest.operators(rewritten);
    }
  }

  private static TestModel model() {
    return new TestModel(13).input("a", ElementType.F32, null, null, null, null).input("b", ElementType.F32,
        null, null, null, null).output("y", ElementType.F32);
  }

  /** Queries and keys, probabilities and values, as they lie in [batch][tokens][heads][depth]. */
  @Test
  void headsAreMultipliedWhereTheyLie() {
    TestModel scores = model().node("Transpose", "a", "q").attribute("perm", HEADS)
        .node("Transpose", "b", "k")
        .attribute("perm", KEYS).node("MatMul", "q k", "y");
    TestModel context = model().node("Transpose", "b", "v").attribute("perm", HEADS)
        .node("MatMul", "a v", "c")
        .node("Transpose", "c", "y").attribute("perm", HEADS);
    for (long[] sizes : new long[][]{{1, 3, 5, 8}, {2, 1, 5, 8}, {2, 3, 1, 4}, {3, 7, 33, 1}, {1, 1, 1, 1}}) {
      long batch = sizes[0];
      long heads = sizes[1];
      long tokens = sizes[2];
      long depth = sizes[3];
      assertEquals(Map.of("TransposedMatMul", 1), judged("scores", scores,
          Map.of("a", data.floats(1, batch, tokens, heads, depth), "b",
              data.floats(1, batch, tokens + 2, heads, depth))));
      assertEquals(Map.of("TransposedMatMul", 1), judged("context", context,
          Map.of("a", data.floats(1, batch, heads, tokens, tokens + 2), "b",
              data.floats(1, batch, tokens + 2, heads, depth))));
      assertEquals(Map.of("TransposedMatMul", 1), judged("keys of one batch for all", scores,
          Map.of("a", data.floats(1, batch, tokens, heads, depth), "b",
              data.floats(1, 1, tokens, heads, depth))));
      assertEquals(Map.of("TransposedMatMul", 1), judged("one head for all", scores,
          Map.of("a", data.floats(1, batch, tokens, heads, depth), "b",
              data.floats(1, batch, tokens, 1, depth))));
    }
  }

  /** All permutations of the axes, on each side. */
  @Test
  void everyPermutationIsRight() {
    for (int number = 0; number < 24 * 24; number++) {
      long[] left = permutation(number % 24);
      long[] right = permutation(number / 24);
      long[] out = permutation(number * 7 % 24);
      // Products of [2][3][4][5] and [2][3][5][6].
      TestModel model = model().node("Transpose", "a", "l").attribute("perm", left)
          .node("Transpose", "b", "r")
          .attribute("perm", right).node("MatMul", "l r", "p").node("Transpose", "p", "y")
          .attribute("perm", out);
      judged("permutations " + number, model, Map.of("a", data.floats(1, before(left, 2, 3, 4, 5)), "b",
          data.floats(1, before(right, 2, 3, 5, 6))));
    }
  }

  private static long[] permutation(int number) {
    List<Long> rest = new ArrayList<>(List.of(0L, 1L, 2L, 3L));
    long[] axes = new long[4];
    int left = number;
    for (int i = 0; i < 4; i++) {
      axes[i] = rest.remove(left % (4 - i));
      left /= 4 - i;
    }
    return axes;
  }

  /** The shape that a transposition makes this one of. */
  private static long[] before(long[] axes, long... dims) {
    long[] result = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      result[(int) axes[i]] = dims[i];
    }
    return result;
  }

  @Test
  void whatOthersReadStays() {
    Map<String, Tensor> inputs = Map.of("a", data.floats(1, 1, 5, 3, 8), "b", data.floats(1, 1, 7, 3, 8));
    assertEquals(Map.of("Transpose", 1, "TransposedMatMul", 1),
        judged("a transposed operand is an output", model().output("q", ElementType.F32)
            .node("Transpose", "a", "q").attribute("perm", HEADS).node("Transpose", "b", "k")
            .attribute("perm", KEYS).node("MatMul", "q k", "y"), inputs));
    assertEquals(Map.of("Transpose", 1, "TransposedMatMul", 1),
        judged("the product is an output", model().output("s", ElementType.F32).node("Transpose", "a", "q")
            .attribute("perm", HEADS).node("Transpose", "b", "k").attribute("perm", KEYS)
            .node("MatMul", "q k", "s").node("Transpose", "s", "y").attribute("perm", HEADS), inputs));
    assertEquals(Map.of("Transpose", 1, "MatMul", 1),
        judged("a product with itself", model().node("Transpose", "a", "q").attribute("perm", HEADS)
            .node("MatMul", "q q", "y"), Map.of("a", data.floats(1, 1, 5, 5, 5), "b", inputs.get("b"))));
  }
}
