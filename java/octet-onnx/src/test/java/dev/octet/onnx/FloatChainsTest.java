package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Nodes that compute float by float become one: the same floats, bit for bit, as node by node. Nodes whose
 * results others read, and those that change a shape, stay.
 */
class FloatChainsTest {
  private static final long SEED = 47;
  private static final int CHANNELS = 5;

  private final TestData data = new TestData(SEED);

  private TestModel model() {
    return new TestModel(13).input("x", ElementType.F32, "n", CHANNELS, null, null)
        .initializer("one", TestData.scalar(1.3f)).initializer("three", Tensor.floats(Shape.of(1), 3))
        .initializer("two", TestData.scalar(2))
        .initializer("six", TestData.scalar(6)).initializer("none", TestData.scalar(0))
        .initializer("channels", data.floats(2, 1, CHANNELS, 1, 1))
        .initializer("some", data.floats(2, CHANNELS, 1, 1))
        .initializer("columns", data.floats(2, 1, 1, 1, 1, 1)).output("y", ElementType.F32);
  }

  /** Runs both ways; returns the operators that are left. */
  private Map<String, Integer> same(String what, TestModel model) {
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = model.open();
        PreparedOnnx chained = opened.prepare(octet);
        PreparedOnnx plain = opened.prepare(octet, OnnxOptions.defaults().without(Rewrite.FLOAT_CHAINS))) {
      for (int size : new int[]{1, 3, 40}) {
        Map<String, Tensor> inputs = Map.of("x", data.floats(3, 2, CHANNELS, size, size));
        TestData.assertSame(what + ", seed " + SEED, plain.run(inputs), chained.run(inputs), 0);
      }
      return RewritesTest.operators(chained);
    }
  }

  @Test
  void hardSwishOfExportersIsOneNode() {
    TestModel model = model().node("Mul", "channels x", "a").node("Add", "a some", "b")
        .node("Add", "b three", "c").node("Clip", "c none six", "d").node("Mul", "b d", "e")
        .node("Div", "e six", "f").node("Mul", "one f", "g").node("Sub", "one g", "y");
    assertEquals(Map.of("FloatChain", 1), same("hard swish", model));
    try (Octet octet = Octet.builder().threads(1).open();
        PreparedOnnx prepared = model.open().prepare(octet)) {
      assertEquals(8, prepared.nodes().getFirst().origins().size());
      assertEquals("theSub7", prepared.nodes().getFirst().name());
    }
  }

  @Test
  void everyLinkComputesWhatItsNodeDoes() {
    List<String> links = List.of("Relu x", "Sigmoid x", "Tanh x", "Exp x", "Abs x", "Neg x", "Floor x",
        "HardSigmoid x", "LeakyRelu x", "Clip x none six", "Clip x - six", "Clip x one", "Max x one",
        "Min three x", "Add x one", "Sub x one", "Sub one x", "Mul x channels", "Div x some",
        "Div channels x",
        "Add x x", "Sub x x", "Pow x two", "Pow x three");
    for (String link : links) {
      String[] words = link.split(" ", 2);
      TestModel model = model().node(words[0], words[1], "a").node("Mul", "a one", "b").node("Add", "b x",
          "y");
      assertEquals(Map.of("FloatChain", 1), same(link, model), link);
    }
  }

  @Test
  void randomGraphsAreTheSame() {
    Random random = new Random(SEED);
    int nodes = 0;
    int left = 0;
    for (int trial = 0; trial < 60; trial++) {
      TestModel model = model();
      List<String> values = new ArrayList<>(List.of("x"));
      int count = random.nextInt(2, 12);
      for (int i = 0; i < count; i++) {
        String a = values.get(random.nextInt(values.size()));
        String b = values.get(random.nextInt(values.size()));
        String name = i == count - 1 ? "y" : "v" + i;
        switch (random.nextInt(6)) {
          case 0 -> model.node("Relu", a, name);
          case 1 -> model.node("Clip", a + " none six", name);
          case 2 -> model.node("Mul", a + " channels", name);
          case 3 -> model.node("Add", "one " + a, name);
          default -> model.node(random.nextBoolean() ? "Add" : "Sub", a + " " + b, name);
        }
        values.add(name);
      }
      if (random.nextInt(3) == 0 && count > 2) {
        model.output("v1", ElementType.F32);
      }
      nodes += count;
      left += same("graph " + trial, model).values().stream().mapToInt(Integer::intValue).sum();
    }
    System.out.println(nodes + " nodes of random graphs in " + left + ", all equal");
  }

  @Test
  void whatOthersReadIsStillThere() {
    TestModel model = model().node("Relu", "x", "a").node("Mul", "a one", "b").node("Add", "b three", "c")
        .node("Neg", "c", "y").output("b", ElementType.F32);
    assertEquals(Map.of("FloatChain", 2), same("an output", model));
    TestModel read = model().node("Relu", "x", "a").node("Mul", "a one", "b").node("GlobalMaxPool", "a", "c")
        .node("Mul", "b c", "y");
    assertEquals(Map.of("GlobalMaxPool", 1, "Mul", 2, "Relu", 1), same("read by another node", read));
  }

  @Test
  void nodesThatChangeAShapeStay() {
    TestModel rank = model().node("Relu", "x", "a").node("Mul", "a columns", "y");
    assertEquals(Map.of("Mul", 1, "Relu", 1), same("a fifth axis", rank));
    for (String operands : List.of("b x", "x b")) {
      TestModel rows = model().node("GlobalMaxPool", "x", "a").node("Relu", "a", "b").node("Sub", operands,
          "y");
      assertEquals(Map.of("GlobalMaxPool", 1, "Relu", 1, "Sub", 1), same("broadcast", rows));
    }
  }
}
