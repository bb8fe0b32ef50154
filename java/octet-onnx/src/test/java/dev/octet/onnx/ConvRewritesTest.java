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
 * Dynamic convolutions as quantizers write them: rewritten, as they are, and in ONNX Runtime the same floats,
 * bit for bit. Batch normalization is folded into weights within a bound. Graphs that only look like them
 * stay as they are.
 */
class ConvRewritesTest {
  private static final long SEED = 43;
  private static final int CHANNELS = 6;
  private static final int OUTS = 8;

  private final TestData data = new TestData(SEED);

  /** How a convolution of a model is written. */
  private record Form(ElementType type, int axes, int groups, boolean scalePerChannel, boolean hasZero,
      boolean hasBias, boolean turned) {}

  private static long[] of(int axes, long first, long second, long each) {
    return axes == 1 ? new long[]{first, second, each} : new long[]{first, second, each, each};
  }

  /** A convolution of x, quantized by the node that makes q, s and z. */
  private void layer(TestModel model, String name, Form form) {
    int axes = form.axes;
    model.initializer(name + "w", data.bytes(form.type, of(axes, OUTS, CHANNELS / form.groups, 3)));
    model.initializer(name + "sw", form.scalePerChannel
        ? positive(
            form.turned ? of(axes, 1, OUTS, 1) : axes == 1 ? new long[]{OUTS, 1} : new long[]{OUTS, 1, 1})
        : positive());
    String zero = "";
    if (form.hasZero) {
      model.initializer(name + "zw", data.bytes(form.type));
      zero = " " + name + "zw";
    }
    model.node("Mul", form.turned ? name + "sw s" : "s " + name + "sw", name + "ss");
    model.node("ConvInteger", "q " + name + "w z" + zero, name + "i").attribute("group", (long) form.groups)
        .attribute("pads", axes == 1 ? new long[]{1, 0} : new long[]{1, 0, 2, 1});
    String sum = name + "f";
    model.node("Cast", name + "i", sum).attribute("to", 1);
    String scales = name + "ss";
    model.node("Mul", form.turned ? scales + " " + sum : sum + " " + scales,
        form.hasBias ? name + "p" : name);
    if (form.hasBias) {
      model.initializer(name + "b", data.floats(1, of(axes, 1, OUTS, 1)));
      model.node("Add", form.turned ? name + "b " + name + "p" : name + "p " + name + "b", name);
    }
    model.output(name, ElementType.F32);
  }

  private Tensor positive(long... dims) {
    Tensor integers = data.integers(ElementType.I32, 1, 1000, dims);
    float[] values = new float[(int) integers.shape().elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = integers.data().get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i) * 1e-4f;
    }
    return Tensor.floats(Shape.of(dims), values);
  }

  private static TestModel quantized(int axes) {
    Object[] dims = axes == 1
        ? new Object[]{"batch", CHANNELS, null}
        : new Object[]{"batch", CHANNELS, null, null};
    return new TestModel(11).input("x", ElementType.F32, dims).node("DynamicQuantizeLinear", "x", "q s z");
  }

  private Map<String, Integer> judged(String what, TestModel model, int axes, OnnxOptions options) {
    return RewritesTest.judged(what + ", seed " + SEED, model, options,
        List.of(data.floats(3, of(axes, 2, CHANNELS, 3)), data.floats(3, of(axes, 2, CHANNELS, 17))));
  }

  @Test
  void oneConvolutionOfFloatsIsMadeAndNoBitChanges() {
    int count = 0;
    for (ElementType type : List.of(ElementType.I8, ElementType.U8)) {
      for (int bits = 0; bits < 64; bits++) {
        int axes = (bits & 1) != 0 ? 1 : 2;
        Form form = new Form(type, axes, (bits & 2) != 0 ? 2 : 1, (bits & 4) != 0, (bits & 8) != 0,
            (bits & 16) != 0, (bits & 32) != 0);
        TestModel model = quantized(axes);
        layer(model, "y", form);
        assertEquals(Map.of("DynamicConv", 1), judged(form.toString(), model, axes, OnnxOptions.defaults()));
        count++;
      }
    }
    System.out.println(count + " forms of a dynamic convolution, all equal");
  }

  private static final Form USUAL = new Form(ElementType.U8, 2, 1, false, true, true, false);

  @Test
  void convolutionsThatShareTheirIntegersQuantizeOnce() {
    TestModel model = quantized(2);
    layer(model, "one", USUAL);
    layer(model, "other", USUAL);
    assertEquals(Map.of("DynamicQuantizeLinear", 1, "IntegerConv", 2),
        judged("shared", model, 2, OnnxOptions.defaults()));
  }

  @Test
  void eachRewriteCanBeSwitchedOff() {
    TestModel model = quantized(2);
    layer(model, "y", USUAL);
    assertEquals(Map.of("DynamicQuantizeLinear", 1, "IntegerConv", 1),
        judged("without", model, 2, OnnxOptions.defaults().without(Rewrite.DYNAMIC_CONVOLUTIONS)));
    assertEquals(
        Map.of("Add", 1, "Cast", 1, "ConvInteger", 1, "DynamicQuantizeLinear", 1, "Mul", 2),
        judged("without", model, 2, OnnxOptions.defaults().without(Rewrite.INTEGER_CONVOLUTIONS)));
  }

  /** A model that differs from the form in one thing keeps its ConvInteger. */
  private void stays(String what, Consumer<TestModel> rest) {
    TestModel model = quantized(2);
    model.initializer("w", data.bytes(ElementType.I8, OUTS, CHANNELS, 3, 3)).initializer("sw", positive());
    rest.accept(model);
    Map<String, Integer> operators = judged(what, model, 2, OnnxOptions.defaults());
    assertEquals(1, operators.get("ConvInteger"), what + ": " + operators);
  }

  @Test
  void whatOnlyLooksLikeAConvolutionStays() {
    stays("integers are an output too",
        model -> model.node("ConvInteger", "q w z", "i").node("Cast", "i", "f").attribute("to", 1)
            .node("Mul", "s sw", "ss").node("Mul", "f ss", "y").output("y", ElementType.F32)
            .output("i", ElementType.I32));
    stays("no zero point of the input",
        model -> model.node("ConvInteger", "q w", "i").node("Cast", "i", "f").attribute("to", 1)
            .node("Mul", "s sw", "ss").node("Mul", "f ss", "y").output("y", ElementType.F32));
    stays("a scale of each image",
        model -> model.node("ConvInteger", "q w z", "i").node("Cast", "i", "f").attribute("to", 1)
            .initializer("images", positive(2, 1, 1, 1)).node("Mul", "s images", "ss")
            .node("Mul", "f ss", "y")
            .output("y", ElementType.F32));
    stays("pads that depend on the image",
        model -> model.node("ConvInteger", "q w z", "i").attribute("auto_pad", "SAME_LOWER")
            .attribute("strides", 2L, 2L).node("Cast", "i", "f").attribute("to", 1).node("Mul", "s sw", "ss")
            .node("Mul", "f ss", "y").output("y", ElementType.F32));
  }

  @Test
  void anAddendThatIsNoBiasStays() {
    TestModel model = quantized(2);
    layer(model, "y", new Form(ElementType.U8, 2, 1, true, true, false, false));
    model.graph.clearOutput();
    model.node("Add", "y more", "a").initializer("more", data.floats(1, 1, 1, OUTS, 1, 1))
        .output("a", ElementType.F32);
    assertEquals(Map.of("Add", 1, "DynamicConv", 1), judged("rank 5", model, 2, OnnxOptions.defaults()));
  }

  /** A convolution and a batch normalization, of numbers that may all be made positive. */
  private static TestModel normalized(Map<String, Tensor> constants, boolean hasBias, boolean sums) {
    TestModel model = new TestModel(11).input("x", ElementType.F32, null, CHANNELS, null, null);
    constants.forEach((name, tensor) -> model.initializer(name, sums && !name.equals("v")
        ? Tensor.floats(tensor.shape(), magnitudes(tensor, name.equals("m") ? -1 : 1))
        : tensor));
    return model.node("Conv", hasBias ? "x w b" : "x w", "c").attribute("group", 2L)
        .attribute("pads", 1L, 1L, 1L, 1L).node("BatchNormalization", "c scale shift m v", "y")
        .attribute("epsilon", 1e-3f).output("y", ElementType.F32);
  }

  private static float[] magnitudes(Tensor tensor, int sign) {
    float[] values = tensor.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] = sign * Math.abs(values[i]);
    }
    return values;
  }

  /**
   * A sum of products whose weights are rounded once more, and whose factor is taken before: the difference
   * is within 8 units of the last place, 2^-21, of the sum of the magnitudes of all that is added.
   */
  @Test
  void batchNormalizationIsFoldedWithinABound() {
    double most = 0;
    for (int i = 0; i < 20; i++) {
      boolean hasBias = i % 2 == 0;
      Map<String, Tensor> constants = new TreeMap<>(Map.of("w", data.floats(1, OUTS, CHANNELS / 2, 3, 3),
          "scale", data.floats(2, OUTS), "shift", data.floats(2, OUTS), "m", data.floats(2, OUTS), "v",
          positive(OUTS)));
      if (hasBias) {
        constants.put("b", data.floats(1, OUTS));
      }
      TestModel model = normalized(constants, hasBias, false);
      TestModel magnitude = normalized(constants, hasBias, true);
      Tensor x = data.floats(3, 2, CHANNELS, 9, 11);
      try (Octet octet = Octet.builder().threads(1).open();
          PreparedOnnx folded = model.open().prepare(octet);
          PreparedOnnx plain = model.open()
              .prepare(octet, OnnxOptions.defaults().without(Rewrite.BATCH_NORMALIZATIONS));
          PreparedOnnx sums = magnitude.open().prepare(octet, OnnxOptions.defaults().withoutRewrites())) {
        assertEquals(Map.of("Conv", 1), RewritesTest.operators(folded));
        assertEquals(Map.of("BatchNormalization", 1, "Conv", 1), RewritesTest.operators(plain));
        assertEquals(List.of("theConv0 (Conv)", "theBatchNormalization1 (BatchNormalization)"),
            folded.nodes().getFirst().origins());
        float[] expected = plain.run(Map.of("x", x)).get("y").floats();
        float[] actual = folded.run(Map.of("x", x)).get("y").floats();
        float[] bound = sums.run(Map.of("x", Tensor.floats(x.shape(), magnitudes(x, 1)))).get("y").floats();
        for (int j = 0; j < expected.length; j++) {
          double units = Math.abs((double) expected[j] - actual[j]) / bound[j] * 0x1p24;
          most = Math.max(most, units);
          assertTrue(units <= 8, "model " + i + ", element " + j + ": " + expected[j] + " and " + actual[j]
              + ", of magnitude " + bound[j] + ", seed " + SEED);
        }
      }
    }
    System.out.printf(
        "folded batch normalizations: largest difference %.2f units of 2^-24 of the magnitude%n",
        most);
  }

  @Test
  void batchNormalizationThatCannotBeFoldedStays() {
    Map<String, Tensor> constants = new TreeMap<>(Map.of("w", data.floats(1, OUTS, CHANNELS / 2, 3, 3),
        "scale",
        data.floats(2, OUTS), "shift", data.floats(2, OUTS), "m", data.floats(2, OUTS), "v", positive(OUTS)));
    TestModel output = normalized(constants, false, false).output("c", ElementType.F32);
    Map<String, Tensor> root = new TreeMap<>(constants);
    root.put("v", Tensor.floats(Shape.of(OUTS), 1, 1, 1, 1, 1, 1, 1, -1));
    Map<String, Tensor> tiny = new TreeMap<>(constants);
    tiny.put("scale", Tensor.floats(Shape.of(OUTS), 1, 1, 1, 1, 1, 1, 1, 1e-30f));
    for (TestModel model : List.of(output, normalized(root, false, false), normalized(tiny, false, false))) {
      try (Octet octet = Octet.builder().threads(1).open();
          PreparedOnnx prepared = model.open().prepare(octet)) {
        assertEquals(Map.of("BatchNormalization", 1, "Conv", 1), RewritesTest.operators(prepared));
      }
    }
  }
}
