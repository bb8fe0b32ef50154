package dev.octet.onnx;

import static dev.octet.onnx.value.ElementType.F32;
import static dev.octet.onnx.value.ElementType.I8;
import static dev.octet.onnx.value.ElementType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pools, concat, resize, softmax and moves between DequantizeLinear and QuantizeLinear. */
class QuantizedImagesTest {
  private static final long SEED = 73;

  private final QdqModel.Differences differences = new QdqModel.Differences();

  private Map<String, Integer> judged(String what, QdqModel model, int steps) {
    return model.judged(what + ", seed " + SEED, OnnxOptions.defaults(), steps, differences);
  }

  @Test
  void averagesMoveByAtMostOne() {
    int count = 0;
    for (ElementType type : List.of(U8, I8)) {
      for (int form = 0; form < 6; form++) {
        QdqModel model = new QdqModel(19, SEED + count++);
        String x = form == 4 ? model.input("x", type, 2, 5, 31) : model.input("x", type, 2, 5, 9, 12);
        TestModel nodes = model.model;
        switch (form) {
          case 0 -> nodes.node("GlobalAveragePool", x, "p");
          case 1 -> nodes.node("AveragePool", x, "p").attribute("kernel_shape", 3L, 2L)
              .attribute("strides", 2L, 2L).attribute("pads", 1L, 0L, 1L, 1L);
          case 2 -> nodes.node("AveragePool", x, "p").attribute("kernel_shape", 3L, 3L)
              .attribute("pads", 1L, 1L, 1L, 1L).attribute("count_include_pad", 1L);
          case 3 -> nodes.node("AveragePool", x, "p").attribute("kernel_shape", 2L, 2L)
              .attribute("strides", 2L, 2L).attribute("ceil_mode", 1L);
          case 4 -> nodes.node("AveragePool", x, "p").attribute("kernel_shape", new long[]{4});
          default -> nodes.node("AveragePool", x, "p").attribute("kernel_shape", 2L, 3L)
              .attribute("dilations", 2L, 1L);
        }
        model.output("p", type, 0.03f);
        // ONNX Runtime 1.29 makes an invalid node of a dilated average when it fuses.
        Map<String, Integer> operators = judged("average " + form, form == 5 ? model.unfusedJudge() : model,
            1);
        assertTrue(operators.containsKey("QuantizedAveragePool")
            || operators.containsKey("QuantizedGlobalAveragePool"), operators.toString());
      }
    }
    System.out.println(count + " quantized averages: " + differences);
  }

  @Test
  void averagesOfTwoTypesOrOfVolumesStay() {
    QdqModel types = new QdqModel(13, SEED);
    types.model.node("GlobalAveragePool", types.input("x", U8, 2, 5, 9, 12), "p");
    types.output("p", I8, 0.03f);
    assertEquals(1, judged("types", types, 0).get("GlobalAveragePool"));
    QdqModel volumes = new QdqModel(13, SEED);
    volumes.model.node("GlobalAveragePool", volumes.input("x", U8, 2, 5, 3, 4, 2), "p");
    volumes.output("p", U8, 0.03f);
    assertEquals(1, judged("volumes", volumes, 1).get("GlobalAveragePool"));
  }

  @Test
  void averagesWithABoundStay() {
    QdqModel model = new QdqModel(13, SEED);
    model.model.node("GlobalAveragePool", model.input("x", U8, 2, 5, 9, 12), "p").node("Relu", "p", "r");
    model.output("r", U8, 0.003f);
    assertEquals(1, judged("bound", model, 1).get("GlobalAveragePool"));
  }

  @Test
  void concatMovesNothing() {
    for (int axis = -1; axis < 2; axis++) {
      QdqModel model = new QdqModel(13, SEED);
      String inputs = model.input("a", U8, 2, 3, 4) + " " + model.input("b", U8, 2, 3, 4) + " "
          + model.input("c", I8, 2, 3, 4);
      model.model.node("Concat", inputs, "all").attribute("axis", axis);
      model.output("all", U8, 0.03f);
      assertEquals(Map.of("QuantizedConcat", 1), judged("axis " + axis, model, 0));
    }
  }

  @Test
  void linearResizesStay() {
    QdqModel model = new QdqModel(13, SEED);
    String x = model.input("x", U8, 0.03f, 5, model.data.bytes(U8, 2, 3, 9, 12));
    model.model.node("Resize", x + " - - " + model.constant(TestModel.vector(2, 3, 20, 20)), "r")
        .attribute("mode", "linear");
    model.output("r", "y", U8, 0.03f, 5);
    assertEquals(1, judged("linear", model, 0).get("DequantizeLinear"));
  }

  @Test
  void softmaxMovesNothing() {
    for (int axis = 1; axis < 3; axis++) {
      QdqModel model = new QdqModel(13, SEED);
      model.model.node("Softmax", model.input("x", I8, 2, 40, 50), "p").attribute("axis", axis);
      model.output("p", "y", U8, 1 / 256f, 0);
      Map<String, Integer> operators = judged("axis " + axis, model, 1);
      assertEquals(axis == 2 ? 1 : null, operators.get("QuantizedSoftmax"), operators.toString());
      model.assertUnmoved("softmax");
    }
  }

  /** Adds nodes that make "m" of floats. */
  private static void move(QdqModel model, String name, String x) {
    TestModel nodes = model.model;
    switch (name) {
      case "Reshape" -> nodes.node(name, x + " " + model.constant(TestModel.vector(2, -1, 3)), "m");
      case "Flatten" -> nodes.node(name, x, "m");
      case "Transpose" -> nodes.node(name, x, "m").attribute("perm", 0L, 3L, 1L, 2L);
      case "Unsqueeze" -> nodes.node(name, x + " " + model.constant(TestModel.vector(1)), "m");
      case "Squeeze" -> nodes.node("Unsqueeze", x + " " + model.constant(TestModel.vector(1)), "u")
          .node(name, "u " + model.constant(TestModel.vector(1)), "m");
      case "Slice" -> nodes.node(name, x + " " + model.constant(TestModel.vector(1)) + " "
          + model.constant(TestModel.vector(-1)) + " " + model.constant(TestModel.vector(2)), "m");
      case "Gather" -> nodes.node(name, x + " " + model.constant(TestModel.vector(1, 0, 1)), "m");
      case "Split" -> nodes.node(name, x + " " + model.constant(TestModel.vector(2, 4)), "m n")
          .attribute("axis", 2);
      case "Pad" -> nodes.node(name, x + " " + model.constant(TestModel.vector(0, 0, 1, 2, 0, 0, 0, 1)), "m");
      case "edge" ->
        nodes.node("Pad", x + " " + model.constant(TestModel.vector(0, 0, 1, 2, 0, 0, 0, 1)), "m")
            .attribute("mode", "edge");
      case "MaxPool" -> nodes.node(name, x, "m").attribute("kernel_shape", 3L, 2L)
          .attribute("pads", 1L, 1L, 1L, 0L).attribute("strides", 2L, 1L).attribute("ceil_mode", 1L);
      case "Resize" -> nodes.node(name,
          x + " - " + model.constant(Tensor.floats(Shape.of(4), 1, 1, 2, 1.3f)), "m");
      default -> throw new IllegalArgumentException(name);
    }
  }

  @Test
  void movesChangeNothing() {
    int count = 0;
    for (String name : List.of("Reshape", "Flatten", "Transpose", "Unsqueeze", "Squeeze", "Slice", "Gather",
        "Split", "Pad", "edge", "MaxPool", "Resize")) {
      for (ElementType type : List.of(U8, I8)) {
        QdqModel model = new QdqModel(13, SEED);
        float scale = 0.03f;
        int zero = model.zeroPoint(type);
        move(model, name, model.input("x", type, scale, zero, model.data.bytes(type, 2, 3, 6, 9)));
        model.output("m", "y", type, scale, zero);
        model.model.node("Neg", "m", "negative").output("negative", F32);
        Map<String, Integer> operators = judged(name, model, 0);
        assertEquals(1, operators.get("Identity"), operators.toString());
        assertEquals(1, operators.get("DequantizeLinear"), operators.toString());
        count++;
      }
    }
    System.out.println(count + " moves, all equal");
  }

  /** Nothing but its shape is read: the floats are not made. */
  @Test
  void shapesAreThoseOfTheIntegers() {
    for (String name : List.of("Shape", "Size")) {
      QdqModel model = new QdqModel(13, SEED);
      String floats = model.input("x", U8, 2, 3, 4);
      model.model.node(name, floats, "n").output("n", ElementType.I64);
      assertEquals(Map.of(name, 1), judged(name, model, 0));
    }
  }

  @Test
  void aNumberBetweenIntegersIsPaddedAsAFloat() {
    QdqModel model = new QdqModel(13, SEED);
    String x = model.input("x", U8, 0.03f, 5, model.data.bytes(U8, 2, 3));
    model.model.node("Pad", x + " " + model.constant(TestModel.vector(0, 1, 0, 1)) + " "
        + model.constant(TestData.scalar(0.1f)), "m");
    model.output("m", "y", U8, 0.01f, 5);
    Map<String, Integer> operators = judged("number", model, 0);
    assertEquals(Map.of("DequantizeLinear", 1, "Pad", 1, "QuantizeLinear", 1), operators);
  }

  @Test
  void eachOfThemCanBeSwitchedOff() {
    Map<Rewrite, String> of = Map.of(Rewrite.QUANTIZED_MOVES, "Transpose", Rewrite.QUANTIZED_POOLS,
        "GlobalAveragePool", Rewrite.QUANTIZED_SOFTMAXES, "Softmax", Rewrite.QUANTIZED_CONCATENATIONS,
        "Concat");
    of.forEach((rewrite, operator) -> {
      QdqModel model = new QdqModel(13, SEED);
      model.model.node(operator, model.input("x", U8, 2, 3, 4, 5), "f");
      if (operator.equals("Concat")) {
        model.model.attribute("axis", 1);
      }
      model.output("f", "y", U8, 0.03f, 3);
      Map<String, Integer> operators = model.judged(operator, OnnxOptions.defaults().without(rewrite), 1,
          differences);
      assertEquals(Map.of("DequantizeLinear", 1, operator, 1, "QuantizeLinear", 1), operators);
    });
  }
}
