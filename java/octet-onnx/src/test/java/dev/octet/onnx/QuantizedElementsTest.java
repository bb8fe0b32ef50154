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
 * Arithmetic and functions of each element between DequantizeLinear and QuantizeLinear: binary ops move
 * results by at most 1, tables by none.
 */
class QuantizedElementsTest {
  private static final long SEED = 71;

  private final QdqModel.Differences differences = new QdqModel.Differences();

  /** A binary op, with Relu or Clip behind it or none of them: 0, 1, 2. */
  private static QdqModel binary(String op, ElementType type, long seed, int bound, long... other) {
    QdqModel model = new QdqModel(13, seed);
    String a = model.input("a", type, 2, 6, 5, 7);
    String b = model.input("b", type, other);
    model.model.node(op, a + " " + b, "s");
    String result = bound == 0 ? "s" : "r";
    if (bound == 1) {
      model.model.node("Relu", "s", result);
    } else if (bound == 2) {
      model.model.node("Clip", "s - " + model.constant(TestData.scalar(1.2f)), result);
    }
    return model.output(result, type, op.equals("Div") ? 0.5f : 0.05f);
  }

  @Test
  void binaryOpsMoveByAtMostOne() {
    int count = 0;
    for (String op : List.of("Add", "Sub", "Mul", "Div", "Max", "Min")) {
      for (ElementType type : List.of(U8, I8)) {
        for (int bound = 0; bound < 3; bound++) {
          for (long[] other : new long[][]{{2, 6, 5, 7}, {2, 6, 1, 1}, {7}, {1}}) {
            long seed = SEED + count++;
            QdqModel model = binary(op, type, seed, bound, other);
            assertEquals(Map.of("QuantizedBinary", 1),
                model.judged(op + ", seed " + seed, OnnxOptions.defaults(), 1, differences));
          }
        }
      }
    }
    System.out.println(count + " quantized binary ops: " + differences);
  }

  @Test
  void aConstantOperandIsOneToo() {
    QdqModel model = new QdqModel(13, SEED);
    model.model.node("Mul",
        model.input("x", U8, 2, 6, 5, 7) + " " + model.weights(model.data.bytes(U8, 6, 1, 1), -1, true), "p");
    model.output("p", U8, 0.05f);
    assertEquals(Map.of("QuantizedBinary", 1),
        model.judged("constant, seed " + SEED, OnnxOptions.defaults(), 1, differences));
  }

  @Test
  void operandsOfTwoTypesStay() {
    QdqModel model = new QdqModel(13, SEED);
    model.model.node("Add", model.input("a", U8, 2, 3) + " " + model.input("b", I8, 2, 3), "s");
    model.output("s", U8, 0.05f);
    assertEquals(1, model.judged("types", OnnxOptions.defaults(), 0, differences).get("Add"));
    assertEquals(1, binary("Add", U8, SEED, 0, 7)
        .judged("off", OnnxOptions.defaults().without(Rewrite.QUANTIZED_ARITHMETIC), 0, differences)
        .get("Add"));
  }

  /** Adds nodes that make "f" of floats. */
  private static void function(QdqModel model, String name, String x) {
    TestModel nodes = model.model;
    switch (name) {
      case "LeakyRelu" -> nodes.node(name, x, "f").attribute("alpha", 0.1f);
      case "HardSigmoid" -> nodes.node(name, x, "f").attribute("alpha", 0.3f);
      case "Clip" -> nodes.node(name, x + " " + model.constant(TestData.scalar(-0.5f)), "f");
      case "Pow" -> nodes.node(name, x + " " + model.constant(TestData.scalar(2)), "f");
      case "Sub" -> nodes.node(name, model.constant(TestData.scalar(1)) + " " + x, "f");
      case "Max" -> nodes.node(name, x + " " + model.constant(TestData.scalar(0.1f)), "f");
      case "Swish" -> nodes.node("Sigmoid", x, "g").node("Mul", x + " g", "f");
      default -> nodes.node(name, x, "f");
    }
  }

  @Test
  void tablesOfFunctionsMoveNothing() {
    int count = 0;
    for (String name : List.of("Relu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "LeakyRelu", "Clip",
        "Abs",
        "Neg", "Exp", "Erf", "Sqrt", "Floor", "Gelu", "Pow", "Sub", "Max", "Swish")) {
      for (ElementType type : List.of(U8, I8)) {
        long seed = SEED + count++;
        QdqModel model = new QdqModel(20, seed);
        function(model, name, model.input("x", type, 2, 3, 16, 16));
        model.output("f", type == U8 ? I8 : U8, 0.03f);
        // Functions of ONNX Runtime are rounded otherwise, which moves an element of a tie.
        assertEquals(Map.of("QuantizedFunction", 1),
            model.judged(name + ", seed " + seed, OnnxOptions.defaults(), 1, differences));
        model.assertUnmoved(name);
      }
    }
    System.out.println(count + " functions: " + differences);
  }

  @Test
  void whatIsNoFunctionOfOneElementStays() {
    QdqModel channels = new QdqModel(13, SEED);
    channels.model.node("Mul",
        channels.input("x", U8, 2, 3, 4) + " " + channels.constant(channels.data.floats(1, 3, 1)), "f");
    channels.output("f", U8, 0.03f);
    assertEquals(1, channels.judged("channels", OnnxOptions.defaults(), 0, differences).get("Mul"));
    QdqModel axis = new QdqModel(13, SEED);
    axis.model.node("Mul",
        axis.input("x", U8, 4) + " " + axis.constant(axis.data.floats(1, 1, 1)), "f");
    axis.output("f", U8, 0.03f);
    assertEquals(1, axis.judged("one axis more", OnnxOptions.defaults(), 0, differences).get("Mul"));
    QdqModel read = new QdqModel(13, SEED);
    read.model.node("Sigmoid", read.input("x", U8, 4), "f").output("f", F32);
    read.output("f", U8, 0.03f);
    assertEquals(1, read.judged("read", OnnxOptions.defaults(), 1, differences).get("Sigmoid"));
    QdqModel off = new QdqModel(13, SEED);
    off.model.node("Neg", off.input("x", U8, 4), "f");
    off.output("f", U8, 0.03f);
    assertEquals(1, off.judged("off", OnnxOptions.defaults().without(Rewrite.QUANTIZED_FUNCTIONS), 0,
        differences).get("Neg"));
  }

  @Test
  void anotherScaleIsATable() {
    QdqModel model = new QdqModel(13, SEED);
    String x = model.input("x", U8, 0.03f, 12, model.data.bytes(U8, 2, 300));
    model.output(x, "other", I8, 0.02f, -3);
    model.output(x, "same", U8, 0.03f, 12);
    assertEquals(Map.of("QuantizedFunction", 1, "Identity", 1),
        model.judged("scales, seed " + SEED, OnnxOptions.defaults(), 0, differences));
  }
}
