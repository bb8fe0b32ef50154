package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/**
 * Float products and convolutions that are quantized on request: each row, and each image, gives the floats,
 * bit for bit, that ONNX Runtime computes for it alone from weights that this test has quantized.
 */
class QuantizationTest {
  private static final long SEED = 47;
  private static final int K = 70;
  private static final int N = 33;
  private static final int CHANNELS = 6;
  private static final int OUTS = 8;

  private final TestData data = new TestData(SEED);

  /** Weights with a scale for each out channel, by the formula of symmetric quantization. */
  private record Quantized(Tensor integers, Tensor scales) {
    /**
     * Quantizes.
     *
     * @param inner how many weights of a channel lie side by side; 1 where channels are columns
     */
    static Quantized of(Tensor weights, int channels, int inner) {
      float[] values = weights.floats();
      float[] scales = new float[channels];
      for (int i = 0; i < values.length; i++) {
        int channel = i / inner % channels;
        scales[channel] = Math.max(scales[channel], Math.abs(values[i]) / 127);
      }
      Tensor integers = Tensor.allocate(ElementType.I8, weights.shape());
      for (int i = 0; i < values.length; i++) {
        int channel = i / inner % channels;
        scales[channel] = scales[channel] == 0 ? 1 : scales[channel];
        integers.data().set(ValueLayout.JAVA_BYTE, i,
            (byte) Math.rint(values[i] / scales[channel]));
      }
      return new Quantized(integers, Tensor.floats(Shape.of(channels), scales));
    }
  }

  /** A model of dynamic quantization that ONNX Runtime runs: integers times integers, scaled, and a bias. */
  private static TestModel reference(String product, Quantized weights, long[] scaleShape, Tensor bias) {
    TestModel model = new TestModel(11).input("x", ElementType.F32, (Object[]) null)
        .initializer("w", weights.integers).initializer("sw", shaped(weights.scales, scaleShape))
        .node("DynamicQuantizeLinear", "x", "q s z").node("Mul", "s sw", "ss")
        .node(product, "q w z", "i").node("Cast", "i", "f").attribute("to", 1).node("Mul", "f ss", "p");
    model.initializer("b", shaped(bias, scaleShape)).node("Add", "p b", "y");
    return model.output("y", ElementType.F32);
  }

  private static Tensor shaped(Tensor vector, long... dims) {
    return Tensor.floats(Shape.of(dims), vector.floats());
  }

  private static float[] run(TestModel model, OnnxOptions options, Tensor x, Map<String, Integer> operators) {
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = model.open();
        PreparedOnnx prepared = opened.prepare(octet, options)) {
      assertEquals(operators, RewritesTest.operators(prepared));
      return prepared.run(Map.of("x", x)).get("y").floats();
    }
  }

  private static final OnnxOptions INT8 = OnnxOptions.defaults().quantize(OnnxQuantization.int8Dynamic());

  private static Tensor part(Tensor x, int index, long... dims) {
    float[] values = x.floats();
    int length = (int) Shape.of(dims).elements();
    return Tensor.floats(Shape.of(dims), Arrays.copyOfRange(values, index * length, (index + 1) * length));
  }

  private static void assertParts(String what, float[] actual, int parts, IntFunction<Tensor> expected) {
    for (int i = 0; i < parts; i++) {
      float[] part = expected.apply(i).floats();
      for (int j = 0; j < part.length; j++) {
        assertEquals(part[j], actual[i * part.length + j],
            what + ", part " + i + ", element " + j + ", seed " + SEED);
      }
    }
    assertEquals(0, actual.length % parts, what);
  }

  /** How a float product is written. */
  enum Product {
    MATMUL, MATMUL_ADD, ADD_MATMUL, GEMM, GEMM_ROW, GEMM_MATRIX_ROW, GEMM_NUMBER, GEMM_TURNED;

    boolean isGemm() {
      return name().startsWith("GEMM");
    }
  }

  static TestModel product(Product form, Tensor w, Tensor bias) {
    TestModel model = form.isGemm()
        ? new TestModel(11).input("x", ElementType.F32, "rows", K)
        : new TestModel(11).input("x", ElementType.F32, "batch", "rows", K);
    model.initializer("w", form == Product.GEMM_TURNED ? turned(w) : w);
    switch (form) {
      case MATMUL -> model.node("MatMul", "x w", "y");
      case MATMUL_ADD -> model.node("MatMul", "x w", "p").initializer("b", bias).node("Add", "p b", "y");
      case ADD_MATMUL -> model.node("MatMul", "x w", "p").initializer("b", bias).node("Add", "b p", "y");
      case GEMM -> model.node("Gemm", "x w", "y").attribute("beta", 3f);
      case GEMM_ROW -> model.initializer("b", bias).node("Gemm", "x w b", "y");
      case GEMM_MATRIX_ROW -> model.initializer("b", shaped(bias, 1, N)).node("Gemm", "x w b", "y");
      case GEMM_NUMBER ->
        model.initializer("b", TestData.scalar(bias.floats()[0])).node("Gemm", "x w b", "y");
      case GEMM_TURNED -> model.initializer("b", bias).node("Gemm", "x w b", "y").attribute("transB", 1);
    }
    return model.output("y", ElementType.F32);
  }

  private static Tensor turned(Tensor w) {
    float[] from = w.floats();
    float[] to = new float[from.length];
    for (int i = 0; i < from.length; i++) {
      to[i % N * K + i / N] = from[i];
    }
    return Tensor.floats(Shape.of(N, K), to);
  }

  @Test
  void productsGiveEachRowWhatItGivesAlone() {
    for (Product form : Product.values()) {
      Tensor w = data.floats(0.1f, K, N);
      Tensor bias = switch (form) {
        case MATMUL, GEMM -> Tensor.floats(Shape.of(N), new float[N]);
        case GEMM_NUMBER -> {
          float[] same = new float[N];
          Arrays.fill(same, 0.3f);
          yield Tensor.floats(Shape.of(N), same);
        }
        default -> data.floats(1, N);
      };
      int rows = 14;
      Tensor x = form.isGemm() ? data.floats(3, rows, K) : data.floats(3, 2, 7, K);
      float[] actual = run(product(form, w, bias), INT8, x, Map.of("DynamicRowProduct", 1));
      try (OnnxRuntimeJudge judge = new OnnxRuntimeJudge(
          reference("MatMulInteger", Quantized.of(w, N, 1), new long[]{N}, bias).bytes())) {
        assertParts(form.name(), actual, rows,
            row -> judge.run(Map.of("x", part(x, row, 1, K))).get("y"));
      }
      assertEquals(rows * N, actual.length);
    }
    System.out.println(Product.values().length + " forms of a float product, quantized, all equal");
  }

  @Test
  void convolutionsGiveEachImageWhatItGivesAlone() {
    int count = 0;
    for (int bits = 0; bits < 16; bits++) {
      int axes = (bits & 1) + 1;
      int groups = (bits & 2) != 0 ? 2 : 1;
      boolean added = (bits & 4) != 0;
      boolean normalized = (bits & 8) != 0;
      long[] each = axes == 1 ? new long[]{11} : new long[]{9, 11};
      Tensor w = data.floats(0.1f,
          join(OUTS, CHANNELS / groups, axes == 1 ? new long[]{3} : new long[]{3, 3}));
      Tensor bias = data.floats(1, OUTS);
      long[] channels = channels(axes);
      TestModel model = convolution(axes, groups, added, normalized, w, bias);
      Map<String, Integer> operators = new TreeMap<>(Map.of("DynamicImageConv", 1));
      if (normalized && added) {
        operators.put("BatchNormalization", 1);
      } else if (normalized) {
        w = halved(w);
        bias = halved(bias);
      }
      Tensor x = data.floats(3, join(3, CHANNELS, each));
      float[] actual = run(model, INT8, x, operators);
      if (normalized && added) {
        continue;
      }
      TestModel reference = reference("ConvInteger", Quantized.of(w, OUTS, (int) w.shape().elements() / OUTS),
          channels, bias);
      reference.graph.getNodeBuilder(2).addAllAttribute(model.graph.getNode(0).getAttributeList());
      try (OnnxRuntimeJudge judge = new OnnxRuntimeJudge(reference.bytes())) {
        assertParts("form " + bits, actual, 3,
            image -> judge.run(Map.of("x", part(x, image, join(1, CHANNELS, each)))).get("y"));
      }
      count++;
    }
    System.out.println(count + " forms of a float convolution, quantized, all equal");
  }

  /** A convolution with a bias, or the Add of one, and a normalization that divides by 2. */
  static TestModel convolution(int axes, long groups, boolean added, boolean normalized, Tensor w,
      Tensor bias) {
    TestModel model = new TestModel(11)
        .input("x", ElementType.F32, axes == 1
            ? new Object[]{"batch", CHANNELS, null}
            : new Object[]{"batch", CHANNELS, null, null})
        .initializer("w", w).initializer("b", added ? shaped(bias, channels(axes)) : bias);
    model.node("Conv", added ? "x w" : "x w b", added ? "p" : normalized ? "n" : "y");
    window(model, axes, groups);
    if (added) {
      model.node("Add", "p b", normalized ? "n" : "y");
    }
    if (normalized) {
      model.initializer("one", constant(1)).initializer("zero", constant(0)).initializer("v", constant(3))
          .node("BatchNormalization", "n one zero zero v", "y").attribute("epsilon", 1f);
    }
    return model.output("y", ElementType.F32);
  }

  private static long[] channels(int axes) {
    return axes == 1 ? new long[]{OUTS, 1} : new long[]{OUTS, 1, 1};
  }

  static long[] join(long first, long second, long[] rest) {
    long[] all = new long[rest.length + 2];
    all[0] = first;
    all[1] = second;
    System.arraycopy(rest, 0, all, 2, rest.length);
    return all;
  }

  private static void window(TestModel model, int axes, long groups) {
    model.attribute("group", groups)
        .attribute("pads", axes == 1 ? new long[]{1, 0} : new long[]{1, 0, 2, 1})
        .attribute("strides", axes == 1 ? new long[]{2} : new long[]{2, 1});
  }

  private static Tensor constant(float value) {
    float[] values = new float[OUTS];
    Arrays.fill(values, value);
    return Tensor.floats(Shape.of(OUTS), values);
  }

  private static Tensor halved(Tensor tensor) {
    float[] values = tensor.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] /= 2;
    }
    return Tensor.floats(tensor.shape(), values);
  }

  private void stays(String what, TestModel model, Tensor x, String operator) {
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = model.open();
        PreparedOnnx quantized = opened.prepare(octet, INT8);
        PreparedOnnx plain = opened.prepare(octet)) {
      assertEquals(1, RewritesTest.operators(quantized).get(operator), what);
      assertFalse(quantized.report().contains("Dynamic"), what);
      TestData.assertSame(what, plain.run(Map.of("x", x)), quantized.run(Map.of("x", x)), 0);
    }
  }

  @Test
  void whatHasNoConstantWeightsThatFitStays() {
    Tensor x = data.floats(1, 5, K);
    Tensor w = data.floats(1, K, N);
    stays("both sides", new TestModel(11).input("x", ElementType.F32, null, null).node("Transpose", "x", "t")
        .node("MatMul", "x t", "y").output("y", ElementType.F32), x, "MatMul");
    stays("matrices", new TestModel(11).input("x", ElementType.F32, null, K)
        .initializer("w", data.floats(1, 2, K, N)).node("MatMul", "x w", "y").output("y", ElementType.F32), x,
        "MatMul");
    stays("alpha", new TestModel(11).input("x", ElementType.F32, null, K).initializer("w", w)
        .node("Gemm", "x w", "y").attribute("alpha", 2f).output("y", ElementType.F32), x, "Gemm");
    stays("beta", new TestModel(11).input("x", ElementType.F32, null, K).initializer("w", w)
        .initializer("b", data.floats(1, N)).node("Gemm", "x w b", "y").attribute("beta", 2f)
        .output("y", ElementType.F32), x, "Gemm");
    stays("a matrix that is added", new TestModel(11).input("x", ElementType.F32, null, K)
        .initializer("w", w).initializer("b", data.floats(1, 5, 1)).node("Gemm", "x w b", "y")
        .output("y", ElementType.F32), x, "Gemm");
    stays("transA",
        new TestModel(11).input("x", ElementType.F32, null, K).initializer("w", data.floats(1, 5, N))
            .node("Gemm", "x w", "y").attribute("transA", 1).output("y", ElementType.F32),
        x, "Gemm");
    for (float odd : new float[]{Float.NaN, Float.POSITIVE_INFINITY, 1e30f}) {
      float[] values = new float[K * N];
      values[7] = odd;
      stays("a weight " + odd, new TestModel(11).input("x", ElementType.F32, null, K)
          .initializer("w", Tensor.floats(Shape.of(K, N), values)).node("MatMul", "x w", "y")
          .output("y", ElementType.F32), x, "MatMul");
    }
    stays("sums of 8", new TestModel(11).input("x", ElementType.F32, null, 8, null)
        .initializer("w", data.floats(1, OUTS, 8, 1)).node("Conv", "x w", "y").output("y", ElementType.F32),
        data.floats(1, 2, 8, 9), "Conv");
    stays("channels by themselves", depthwise(), data.floats(1, 2, CHANNELS, 9, 9), "Conv");
    stays("pads that depend on the image",
        new TestModel(11).input("x", ElementType.F32, null, CHANNELS, null, null)
            .initializer("w", data.floats(1, OUTS, CHANNELS, 3, 3)).node("Conv", "x w", "y")
            .attribute("auto_pad", "SAME_UPPER").attribute("strides", 2L, 2L).output("y", ElementType.F32),
        data.floats(1, 2, CHANNELS, 9, 9), "Conv");
  }

  private TestModel depthwise() {
    return new TestModel(11).input("x", ElementType.F32, null, CHANNELS, null, null)
        .initializer("w", data.floats(1, 2 * CHANNELS, 1, 3, 3)).node("Conv", "x w", "y")
        .attribute("group", (long) CHANNELS).output("y", ElementType.F32);
  }

  /** One group of one channel is a convolution as any other. */
  @Test
  void channelsByThemselvesAreQuantizedWhereTheyAreNamed() {
    OnnxQuantization all = OnnxQuantization.int8Dynamic();
    assertEquals(Map.of("Conv", 1), operators(depthwise(), all));
    assertEquals(Map.of("Conv", 1), operators(depthwise(), all.include("*").exclude("the*")));
    assertEquals(Map.of("DynamicImageConv", 1), operators(depthwise(), all.include("theConv0")));
    TestModel single = new TestModel(11).input("x", ElementType.F32, null, 1, null, null)
        .initializer("w", data.floats(1, OUTS, 1, 3, 3)).node("Conv", "x w", "y")
        .output("y", ElementType.F32);
    assertEquals(Map.of("DynamicImageConv", 1), operators(single, all));
  }

  /** Two products and a convolution. */
  private TestModel three() {
    return new TestModel(11).input("x", ElementType.F32, null, CHANNELS, null, 40)
        .initializer("w", data.floats(1, CHANNELS, CHANNELS, 3, 3)).node("Conv", "x w", "c")
        .attribute("pads", 1L, 1L, 1L, 1L).initializer("a", data.floats(1, 40, 40)).node("MatMul", "c a", "d")
        .initializer("b", data.floats(1, 40, 40))
        .node("MatMul", "d b", "y").output("y", ElementType.F32);
  }

  private Map<String, Integer> operators(OnnxQuantization quantization) {
    return operators(three(), quantization);
  }

  private static Map<String, Integer> operators(TestModel model, OnnxQuantization quantization) {
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = model.open();
        PreparedOnnx prepared = opened.prepare(octet, OnnxOptions.defaults().quantize(quantization))) {
      return RewritesTest.operators(prepared);
    }
  }

  @Test
  void nodesAreChosenByName() {
    OnnxQuantization all = OnnxQuantization.int8Dynamic();
    assertEquals(Map.of("DynamicImageConv", 1, "DynamicRowProduct", 2), operators(all));
    assertEquals(Map.of("DynamicImageConv", 1, "DynamicRowProduct", 1, "MatMul", 1),
        operators(all.exclude("theMatMul1")));
    assertEquals(Map.of("Conv", 1, "DynamicRowProduct", 2), operators(all.include("*MatMul?")));
    assertEquals(Map.of("Conv", 1, "DynamicRowProduct", 1, "MatMul", 1),
        operators(all.include("the*").exclude("theConv0", "theMatMul2")));
    IllegalArgumentException error = assertThrows(IllegalArgumentException.class,
        () -> operators(all.exclude("theMatMul1").include("lm_head")));
    assertEquals("quantize: no node of the model has a name that \"lm_head\" matches", error.getMessage());
  }

  @Test
  void reportSaysWhatWasQuantized() {
    TestModel model = product(Product.MATMUL_ADD, data.floats(1, K, N), data.floats(1, N));
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = model.open();
        PreparedOnnx prepared = opened.prepare(octet, INT8)) {
      assertTrue(prepared.report().matches(
          "DynamicRowProduct theMatMul0: [a-z]+:.+, for theMatMul0 \\(MatMul\\), theAdd1 \\(Add\\)\n"),
          prepared.report());
    }
    assertTrue(OnnxOptions.defaults().quantization().isEmpty());
    assertTrue(INT8.without(Rewrite.GELUS).memoryLimit(7).withoutRewrites().quantization().isPresent());
  }

  /** 32 MB of floats, of a model that came from a stream, are garbage once it is prepared. */
  @Test
  void floatWeightsAreNotKept() {
    try (Octet octet = Octet.builder().threads(1).open()) {
      long before = used();
      try (PreparedOnnx prepared = large(octet)) {
        long kept = used() - before;
        assertTrue(kept < 4L << 20, kept + " bytes for " + prepared);
      }
    }
  }

  private PreparedOnnx large(Octet octet) {
    int size = 2048;
    TestModel model = new TestModel(11).input("x", ElementType.F32, null, size)
        .initializer("w", data.floats(1, size, size)).initializer("v", data.floats(1, size, size))
        .node("MatMul", "x w", "p").node("MatMul", "p v", "y").output("y", ElementType.F32);
    try (OnnxModel opened = model.open()) {
      return opened.prepare(octet, INT8);
    }
  }

  private static long used() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** Weights of channels that weight decay has left as good as 0, and are not: PP-OCRv4 has such. */
  @Test
  void deadChannelsAreZero() {
    for (float dead : new float[]{1e-38f, 0x1p-143f, 0x1p-41f, 0}) {
      Tensor w = data.floats(1, K, N);
      float[] values = w.floats();
      for (int i = 0; i < values.length; i += N) {
        values[i + 3] = dead;
      }
      TestModel model = product(Product.MATMUL, Tensor.floats(Shape.of(K, N), values), null);
      float[] y = run(model, INT8, data.floats(1, 2, 5, K), Map.of("DynamicRowProduct", 1));
      for (int row = 0; row < 10; row++) {
        assertEquals(0, y[row * N + 3], "weights of " + dead + ", seed " + SEED);
        assertTrue(y[row * N + 2] != 0, "the channel beside it, seed " + SEED);
      }
    }
  }
}
