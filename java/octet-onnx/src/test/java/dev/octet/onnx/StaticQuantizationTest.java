package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.quantize.CalibrationMethod;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models that are quantized with sample data: what Octet and ONNX Runtime compute of the file is the same but
 * for rounding, near what the model gave in floats, and the same whether the file is written or not.
 */
class StaticQuantizationTest {
  private static final long SEED = 59;
  private static final int CHANNELS = 6;
  private static final int OUTS = 12;
  /** Of the largest float, through four layers of 8 bits. */
  private static final double NEAR = 0.06;
  /** Sums of floats in another order, each of which may move a quantum of the layers behind it. */
  private static final double QUANTA = 0.02;

  @TempDir
  private Path folder;
  private final TestData data = new TestData(SEED);

  /** Convolutions with all that may be between them, two products, and an axis that moves in opset 13. */
  private TestModel network(int opset) {
    TestModel model = new TestModel(opset).input("x", ElementType.F32, "batch", CHANNELS, 12, 10);
    model.initializer("w1", data.floats(0.2f, OUTS, CHANNELS, 3, 3)).initializer("b1", data.floats(1, OUTS))
        .node("Conv", "x w1 b1", "c1").attribute("pads", 1L, 1L, 1L, 1L)
        .initializer("scale", positive(OUTS)).initializer("shift", data.floats(1, OUTS))
        .initializer("mean", data.floats(1, OUTS)).initializer("variance", positive(OUTS))
        .node("BatchNormalization", "c1 scale shift mean variance", "n1").node("Relu", "n1", "r1")
        .initializer("w2", data.floats(0.4f, OUTS, 1, 3, 3)).node("Conv", "r1 w2", "c2")
        .attribute("pads", 1L, 1L, 1L, 1L).attribute("group", (long) OUTS)
        .initializer("least", TestData.scalar(0)).initializer("most", TestData.scalar(6))
        .node("Clip", "c2 least most", "k2").node("Add", "k2 r1", "a").node("MaxPool", "a", "m")
        .attribute("kernel_shape", 2L, 2L).attribute("strides", 2L, 2L)
        .initializer("third", Tensor.floats(Shape.of(1), 0.33f)).node("Mul", "m third", "t")
        .node("HardSigmoid", "t", "h").node("Mul", "m h", "g").node("Concat", "g t", "j").attribute("axis", 1)
        .initializer("w3", data.floats(0.2f, OUTS, 2L * OUTS, 1, 1)).node("Conv", "j w3", "c3")
        .node("LeakyRelu", "c3", "l").node("GlobalAveragePool", "l", "p").node("Relu", "p", "q");
    if (opset < 13) {
      model.node("Squeeze", "q", "s").attribute("axes", 2L, 3L);
    } else {
      model.initializer("axes", TestModel.vector(2, 3)).node("Squeeze", "q axes", "s");
    }
    return model.initializer("w4", data.floats(0.3f, 9, OUTS)).initializer("b4", data.floats(1, 9))
        .node("Gemm", "s w4 b4", "f").attribute("transB", 1).initializer("w5", data.floats(0.3f, 9, 5))
        .initializer("b5", data.floats(1, 5)).node("MatMul", "f w5", "u").node("Add", "u b5", "v")
        .node("Softmax", "v", "y").attribute("axis", 1).output("y", ElementType.F32)
        .output("v", ElementType.F32);
  }

  private Tensor positive(int count) {
    float[] values = data.floats(1, count).floats();
    for (int i = 0; i < count; i++) {
      values[i] = 0.5f + Math.abs(values[i]);
    }
    return Tensor.floats(Shape.of(count), values);
  }

  private List<Map<String, Tensor>> samples() {
    List<Map<String, Tensor>> runs = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      runs.add(Map.of("x", data.floats(1, 1 + i % 3, CHANNELS, 12, 10)));
    }
    return runs;
  }

  private byte[] quantized(byte[] model, OnnxQuantization how) {
    Path path = folder.resolve("static.onnx");
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = OnnxModel.open(new ByteArrayInputStream(model))) {
      opened.quantize(octet, how).write(path);
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Checks floats within a share of the largest one. */
  static void assertNear(String what, Map<String, Tensor> expected, Map<String, Tensor> actual,
      double tolerance) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, tensor) -> {
      float[] real = tensor.floats();
      float[] near = actual.get(name).floats();
      float most = 0;
      for (float value : real) {
        most = Math.max(most, Math.abs(value));
      }
      for (int i = 0; i < real.length; i++) {
        assertEquals(real[i], near[i], tolerance * most,
            what + ", " + name + ", element " + i + ", seed " + SEED);
      }
    });
  }

  private static Map<String, Tensor> run(byte[] model, OnnxOptions options, Map<String, Tensor> inputs) {
    try (Octet octet = Octet.builder().threads(1).open();
        PreparedOnnx prepared = TestModel
            .prepareAndClose(OnnxModel.open(new ByteArrayInputStream(model)), octet, options)) {
      return prepared.run(inputs);
    }
  }

  private static GraphProto graph(byte[] model) {
    try {
      return ModelProto.parseFrom(model).getGraph();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, Long> operators(byte[] model) {
    return graph(model).getNodeList().stream()
        .collect(Collectors.groupingBy(NodeProto::getOpType, Collectors.counting()));
  }

  @Test
  void networksRunInOnnxRuntime() throws IOException {
    for (int opset : new int[]{11, 12, 13, 17}) {
      byte[] before = network(opset).bytes();
      OnnxQuantization how = OnnxQuantization.int8Static(samples());
      byte[] after = quantized(before, how);
      assertEquals(Math.max(13, opset), ModelProto.parseFrom(after).getOpsetImport(0).getVersion());
      Map<String, Tensor> inputs = Map.of("x", data.floats(1, 2, CHANNELS, 12, 10));
      Map<String, Tensor> floats = OnnxRuntimeJudge.run(before, inputs);
      Map<String, Tensor> expected = OnnxRuntimeJudge.run(after, inputs);
      assertNear("opset " + opset + ", near floats", floats, expected, NEAR);
      Map<String, Tensor> actual = run(after, OnnxOptions.defaults(), inputs);
      assertNear("opset " + opset + ", rewritten", expected, actual, QUANTA);
      assertNear("opset " + opset + ", as it is", expected,
          run(after, OnnxOptions.defaults().withoutRewrites(), inputs), QUANTA);
      TestData.assertSame("in memory", actual, run(before, OnnxOptions.defaults().quantize(how), inputs), 0);
    }
  }

  @Test
  void runsOfNodesStayInIntegers() {
    byte[] after = quantized(network(13).bytes(), OnnxQuantization.int8Static(samples()));
    Map<String, Long> operators = operators(after);
    // x, r1, k2, a, m, t, h, g, j, c3, l, p, q and f; Squeeze moves q.
    assertEquals(14, operators.get("QuantizeLinear"), operators.toString());
    // Weights of five layers, and the bias of two.
    assertEquals(14 + 5 + 2, operators.get("DequantizeLinear"));
    assertFalse(operators.containsKey("BatchNormalization"));
    // A product whose result only Softmax reads keeps it in floats.
    assertEquals("Add", graph(after).getNodeList().stream().filter(node -> node.getOutput(0).equals("v"))
        .findFirst().orElseThrow().getOpType());
  }

  private static final int HEADS = 2;
  private static final int DEPTH = 8;
  private static final int FEATURES = HEADS * DEPTH;

  /** A layer of a transformer, as exporters write it, without norms. */
  private TestModel transformer(List<String> function) {
    TestModel model = new TestModel(13).input("x", ElementType.F32, "batch", "tokens", FEATURES)
        .input("mask", ElementType.F32, "batch", 1, 1, "tokens")
        .initializer("heads", TestModel.vector(0, 0, HEADS, DEPTH))
        .initializer("rows", TestModel.vector(0, 0, FEATURES)).initializer("root", TestData.scalar(2.83f))
        .initializer("one", TestData.scalar(1)).initializer("half", TestData.scalar(0.5f))
        .initializer("two", TestData.scalar((float) Math.sqrt(2)))
        .initializer("three", TestData.scalar(3));
    for (String name : List.of("q", "k", "v")) {
      model.initializer("w" + name, data.floats(0.4f, FEATURES, FEATURES))
          .initializer("b" + name, data.floats(1, FEATURES)).node("MatMul", "x w" + name, "p" + name)
          .node("Add", "b" + name + " p" + name, "a" + name)
          .node("Reshape", "a" + name + " heads", "r" + name)
          .node("Transpose", "r" + name, name)
          .attribute("perm", name.equals("k") ? new long[]{0, 2, 3, 1} : new long[]{0, 2, 1, 3});
    }
    model.node("MatMul", "q k", "s").node("Div", "s root", "d").node("Add", "d mask", "m")
        .node("Softmax", "m", "probabilities").attribute("axis", -1L).node("MatMul", "probabilities v", "c")
        .node("Transpose", "c", "t").attribute("perm", 0L, 2L, 1L, 3L).node("Reshape", "t rows", "u")
        .initializer("wo", data.floats(0.4f, FEATURES, FEATURES)).node("MatMul", "u wo", "o")
        .node("Add", "o x", "h").initializer("wi", data.floats(0.4f, FEATURES, 40))
        .initializer("bi", data.floats(1, 40)).node("MatMul", "h wi", "i").node("Add", "i bi", "f");
    for (String node : function) {
      int inputs = node.indexOf(' ');
      int output = node.lastIndexOf(' ');
      model.node(node.substring(0, inputs), node.substring(inputs + 1, output), node.substring(output + 1));
    }
    return model.initializer("wz", data.floats(0.4f, 40, FEATURES)).node("MatMul", "g wz", "z")
        .node("Add", "z h", "y").output("y", ElementType.F32);
  }

  private Map<String, Tensor> tokens(int batch, int tokens) {
    float[] mask = new float[batch * tokens];
    mask[mask.length - 1] = -1e4f;
    return Map.of("x", data.floats(1, batch, tokens, FEATURES), "mask",
        Tensor.floats(Shape.of(batch, 1, 1, tokens), mask));
  }

  /** Integers go from the input to the end of attention, and through what is between two products. */
  @Test
  void attentionStaysInIntegers() throws IOException {
    for (List<String> function : List.of(
        List.of("Div f two e", "Erf e r", "Add r one n", "Mul f n j", "Mul j half g"),
        List.of("Sigmoid f e", "Mul e f g"), List.of("Relu f g"), List.of("Tanh f e", "Pow e three j",
            "Sub f j g"))) {
      byte[] before = transformer(function).bytes();
      OnnxQuantization how = OnnxQuantization
          .int8Static(List.of(tokens(1, 9), tokens(2, 5), tokens(1, 12), tokens(3, 7)));
      byte[] after = quantized(before, how);
      // x, q, k, v, probabilities, c, o, h, f and g.
      assertEquals(function.size() == 1 ? 9 : 10, operators(after).get("QuantizeLinear"),
          function.toString());
      Map<String, Tensor> inputs = tokens(2, 8);
      Map<String, Tensor> expected = OnnxRuntimeJudge.run(after, inputs);
      assertNear(function + ", near floats", OnnxRuntimeJudge.run(before, inputs), expected, NEAR);
      Map<String, Tensor> actual = run(after, OnnxOptions.defaults(), inputs);
      assertNear(function + ", rewritten", expected, actual, QUANTA);
      assertNear(function + ", as it is", expected,
          run(after, OnnxOptions.defaults().withoutRewrites(), inputs), QUANTA);
      TestData.assertSame("in memory", actual, run(before, OnnxOptions.defaults().quantize(how), inputs), 0);
      try (Octet octet = Octet.builder().threads(1).open();
          OnnxModel opened = OnnxModel.open(new ByteArrayInputStream(after));
          PreparedOnnx prepared = opened.prepare(octet)) {
        Map<String, Integer> left = new HashMap<>(RewritesTest.operators(prepared));
        List.of("Reshape", "Constant").forEach(left::remove);
        // x is quantized, o and x are added in integers, and what is added last are floats.
        Map<String, Integer> all = new HashMap<>(Map.of("QuantizeLinear", 1, "QuantizedProduct", 6,
            "QuantizedBatchProduct", 2, "MaskedSoftmax", 1, "QuantizedBinary", 1, "DequantizeLinear", 1,
            "Add", 1, "QuantizedFunction", 1));
        if (function.size() == 1) {
          all.remove("QuantizedFunction"); // Relu is part of the product
        }
        assertEquals(all, left, function.toString());
      }
    }
  }

  /** A column that is much larger than others, as layer norms make some, leaves them their bits. */
  @Test
  void largeColumnsAreBroughtToTheSizeOfOthers() throws IOException {
    int inner = 40;
    float[] columns = data.floats(1, 8, inner).floats();
    float[] rows = data.floats(1, inner, OUTS).floats();
    float[] turned = data.floats(1, OUTS, inner).floats();
    for (int i = 0; i < 8; i++) {
      columns[i * inner + 3] *= 100;
      columns[i * inner + 4] = 0;
    }
    for (int i = 0; i < OUTS; i++) {
      rows[3 * OUTS + i] /= 100;
      turned[i * inner + 3] /= 100;
    }
    TestModel model = new TestModel(13).input("x", ElementType.F32, 8, inner)
        .initializer("w", Tensor.floats(Shape.of(inner, OUTS), rows)).node("MatMul", "x w", "y")
        .initializer("v", Tensor.floats(Shape.of(OUTS, inner), turned))
        .initializer("b", data.floats(1, OUTS)).node("Gemm", "x v b", "z").attribute("transB", 1)
        .node("Neg", "x", "n").output("y", ElementType.F32).output("z", ElementType.F32)
        .output("n", ElementType.F32);
    Map<String, Tensor> inputs = Map.of("x", Tensor.floats(Shape.of(8, inner), columns));
    byte[] after = quantized(model.bytes(), OnnxQuantization.int8Static(List.of(inputs)));
    Map<String, Tensor> floats = OnnxRuntimeJudge.run(model.bytes(), inputs);
    Map<String, Tensor> expected = OnnxRuntimeJudge.run(after, inputs);
    // Of the range of the large column alone 8 bits leave the others an error of a tenth.
    assertNear("near floats", floats, expected, 0.02);
    assertNear("on Octet", expected, run(after, OnnxOptions.defaults(), inputs), 1e-5);
    assertNear("as it is", expected, run(after, OnnxOptions.defaults().withoutRewrites(), inputs), 1e-5);
    TestData.assertSame("read by others", floats.get("n"), expected.get("n"), 0);
    assertEquals(1, operators(after).get("Mul"));
    assertEquals(1, operators(after).get("QuantizeLinear"));
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = OnnxModel.open(new ByteArrayInputStream(after));
        PreparedOnnx prepared = opened.prepare(octet)) {
      assertEquals(Map.of("ColumnQuantize", 1, "QuantizedProduct", 2, "Neg", 1),
          RewritesTest.operators(prepared));
    }
  }

  /** Their range is 0 to 1, and so is that of their columns, whatever weights multiply these. */
  @Test
  void probabilitiesAreNotScaled() {
    int inner = 16;
    float[] rows = data.floats(1, inner, OUTS).floats();
    for (int i = 0; i < OUTS; i++) {
      rows[5 * OUTS + i] *= 1000;
    }
    TestModel model = new TestModel(13).input("x", ElementType.F32, 8, inner).node("Softmax", "x", "p")
        .attribute("axis", -1L).initializer("w", Tensor.floats(Shape.of(inner, OUTS), rows))
        .node("MatMul", "p w", "y").output("y", ElementType.F32);
    Map<String, Tensor> inputs = Map.of("x", data.floats(2, 8, inner));
    byte[] after = quantized(model.bytes(), OnnxQuantization.int8Static(List.of(inputs)));
    assertEquals(null, operators(after).get("Mul"));
    assertNear("near floats", OnnxRuntimeJudge.run(model.bytes(), inputs),
        OnnxRuntimeJudge.run(after, inputs), NEAR);
  }

  /** A file may have any number of nodes that only move. */
  @Test
  void longChainsOfMovesAreFollowed() {
    int moves = 20_000;
    TestModel model = new TestModel(13).input("x", ElementType.F32, 2, 8)
        .initializer("w", data.floats(0.3f, 8, 8)).node("MatMul", "x w", "m0");
    for (int i = 0; i < moves; i++) {
      model.node("Identity", "m" + i, "m" + (i + 1));
    }
    model.initializer("v", data.floats(0.3f, 8, 8)).node("MatMul", "m" + moves + " v", "y")
        .output("y", ElementType.F32);
    byte[] after = quantized(model.bytes(),
        OnnxQuantization.int8Static(List.of(Map.of("x", data.floats(1, 2, 8)))));
    // x, and what is moved
    assertEquals(2, operators(after).get("QuantizeLinear"));
  }

  private static final int WIDTH = 12;

  /** Adds a random node that makes a value of the same width; returns its name. */
  private String random(TestModel model, Random random, List<String> values, int place) {
    String a = values.get(random.nextInt(values.size()));
    String b = values.get(random.nextInt(values.size()));
    String to = "v" + place;
    String of = "c" + place;
    switch (random.nextInt(14)) {
      case 0, 1, 2 -> {
        model.initializer(of, data.floats(0.3f, WIDTH, WIDTH)).node("MatMul", a + " " + of, to + "p")
            .initializer(of + "b", data.floats(0.3f, WIDTH)).node("Add", to + "p " + of + "b", to);
      }
      case 3 -> model.initializer(of, data.floats(0.3f, WIDTH, WIDTH)).node("Gemm", a + " " + of, to)
          .attribute("transB", random.nextInt(2));
      case 4 -> model.node("Transpose", b, to + "t").attribute("perm", 1L, 0L)
          .node("MatMul", a + " " + to + "t", to + "s").node("Softmax", to + "s", to + "q")
          .attribute("axis", -1L).node("MatMul", to + "q " + b, to);
      case 5 -> model.node("Add", a + " " + b, to);
      case 6 -> model.node("Mul", a + " " + b, to);
      case 7 -> model.node("Sigmoid", a, to + "s").node("Mul", a + " " + to + "s", to);
      case 8 -> model.node("Tanh", a, to + "t").node("Mul", to + "t " + to + "t", to);
      case 9 -> model.initializer(of, TestData.scalar(-0.7f)).node("Mul", of + " " + a, to);
      case 10 -> model.initializer(of, TestData.scalar(-0.2f)).node("Clip", a + " " + of, to);
      case 11 -> model.initializer(of, TestModel.vector(0, 3, 4)).node("Reshape", a + " " + of, to + "r")
          .node("Relu", to + "r", to + "u").initializer(of + "w", TestModel.vector(-1, WIDTH))
          .node("Reshape", to + "u " + of + "w", to);
      case 12 -> model.node("Transpose", a, to + "t").attribute("perm", 1L, 0L)
          .node("Transpose", to + "t", to).attribute("perm", 1L, 0L);
      default -> model.node("Relu", a, to);
    }
    return to;
  }

  /** Any order of products, functions and moves, whose results others and the outputs read too. */
  @Test
  void randomNetworksRunInOnnxRuntime() {
    Random random = new Random(SEED);
    long integers = 0;
    for (int trial = 0; trial < 60; trial++) {
      TestModel model = new TestModel(13).input("x", ElementType.F32, "n", WIDTH);
      List<String> values = new ArrayList<>(List.of("x"));
      for (int i = 0; i < 9; i++) {
        values.add(random(model, random, values.subList(Math.max(0, values.size() - 3), values.size()), i));
      }
      model.initializer("end", data.floats(0.3f, WIDTH, WIDTH)).node("MatMul", values.getLast() + " end", "y")
          .output("y", ElementType.F32).output(values.get(1 + random.nextInt(8)), ElementType.F32);
      List<Map<String, Tensor>> runs = List.of(Map.of("x", data.floats(1, 9, WIDTH)),
          Map.of("x", data.floats(1, 5, WIDTH)));
      byte[] after = quantized(model.bytes(), OnnxQuantization.int8Static(runs));
      integers += operators(after).get("QuantizeLinear");
      Map<String, Tensor> expected = OnnxRuntimeJudge.run(after, runs.getFirst());
      String what = "trial " + trial;
      assertNear(what + ", as it is", expected,
          run(after, OnnxOptions.defaults().withoutRewrites(), runs.getFirst()), 0.1);
      assertNear(what + ", rewritten", expected, run(after, OnnxOptions.defaults(), runs.getFirst()), 0.1);
    }
    System.out.println("60 random networks of products, " + integers + " values quantized, all near");
  }

  /** A product of two values of the run is left in floats where it is not chosen. */
  @Test
  void productsOfTheRunAreChosenByName() {
    byte[] before = transformer(List.of("Relu f g")).bytes();
    String scores = graph(before).getNodeList().stream().filter(node -> node.getOutput(0).equals("s"))
        .findFirst().orElseThrow().getName();
    byte[] after = quantized(before, OnnxQuantization.int8Static(List.of(tokens(1, 9))).exclude(scores));
    // x, v, probabilities, c, o, h and g.
    assertEquals(7, operators(after).get("QuantizeLinear"));
    OnnxRuntimeJudge.run(after, tokens(2, 4));
  }

  /** The smallest number that comes out of a pool is above the smallest one that goes in. */
  @Test
  void poolsKeepTheirScale() {
    TestModel model = new TestModel(13).input("x", ElementType.F32, 1, CHANNELS, 12, 10)
        .initializer("w", data.floats(0.2f, OUTS, CHANNELS, 3, 3)).node("Conv", "x w", "c")
        .node("MaxPool", "c", "m").attribute("kernel_shape", 3L, 3L)
        .initializer("v", data.floats(0.2f, OUTS, OUTS, 3, 3)).node("Conv", "m v", "y")
        .output("y", ElementType.F32);
    byte[] after = quantized(model.bytes(),
        OnnxQuantization.int8Static(List.of(Map.of("x", data.floats(1, 1, CHANNELS, 12, 10)))));
    GraphProto graph = graph(after);
    NodeProto pool = graph.getNodeList().stream().filter(node -> node.getOpType().equals("MaxPool"))
        .findFirst()
        .orElseThrow();
    Map<String, NodeProto> makers = new HashMap<>();
    Map<String, NodeProto> readers = new HashMap<>();
    for (NodeProto node : graph.getNodeList()) {
      node.getOutputList().forEach(output -> makers.put(output, node));
      node.getInputList().forEach(input -> readers.put(input, node));
    }
    NodeProto before = makers.get(pool.getInput(0));
    NodeProto behind = readers.get(pool.getOutput(0));
    assertEquals("DequantizeLinear", before.getOpType());
    assertEquals("QuantizeLinear", behind.getOpType());
    Map<String, Object> constants = new HashMap<>();
    graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor.getRawData()));
    assertEquals(constants.get(before.getInput(1)), constants.get(behind.getInput(1)));
    assertEquals(constants.get(before.getInput(2)), constants.get(behind.getInput(2)));
  }

  @Test
  void nodesAndMethodsAreChosen() {
    byte[] before = network(13).bytes();
    for (CalibrationMethod method : List.of(CalibrationMethod.percentile(99.9), CalibrationMethod.entropy(),
        CalibrationMethod.movingAverage(), CalibrationMethod.meanSquaredError())) {
      byte[] after = quantized(before, OnnxQuantization.int8Static(samples(), method).include("theConv*"));
      Map<String, Long> operators = operators(after);
      assertEquals(6, operators.get("QuantizeLinear"), method + ": " + operators);
      OnnxRuntimeJudge.run(after, samples().getFirst());
    }
  }

  /** What were attributes before opset 10, 11 and 13, and are inputs now. */
  @Test
  void oldOpsetsAreRaised() throws IOException {
    TestModel model = new TestModel(9).input("x", ElementType.F32, 4, 40).node("Slice", "x", "s")
        .attribute("starts", new long[]{1})
        .attribute("ends", new long[]{4}).attribute("axes", new long[]{0}).node("Clip", "s", "c")
        .attribute("max", 1.5f).node("Pad", "c", "p").attribute("pads", 0L, 0L, 1L, 0L)
        .attribute("value", 0.5f)
        .initializer("w", data.floats(0.3f, 40, 8)).node("MatMul", "p w", "m").node("Unsqueeze", "m", "u")
        .attribute("axes", new long[]{0}).node("Split", "u", "y z").attribute("axis", 2)
        .attribute("split", 3L, 5L)
        .output("y", ElementType.F32).output("z", ElementType.F32);
    Map<String, Tensor> inputs = Map.of("x", data.floats(1, 4, 40));
    Map<String, Tensor> floats = OnnxRuntimeJudge.run(model.bytes(), inputs);
    for (OnnxQuantization how : List.of(OnnxQuantization.int8Dynamic(),
        OnnxQuantization.int8Static(List.of(inputs)))) {
      byte[] after = quantized(model.bytes(), how);
      assertEquals(how.calibrator().isEmpty() ? 11 : 13,
          ModelProto.parseFrom(after).getOpsetImport(0).getVersion());
      Map<String, Tensor> expected = OnnxRuntimeJudge.run(after, inputs);
      assertNear(how.toString(), floats, expected, NEAR);
      assertNear(how + ", on Octet", expected, run(after, OnnxOptions.defaults(), inputs), QUANTA);
    }
  }

  /** Convolutions, of which the first one makes a channel that is much larger than all others. */
  private TestModel unevenChannels() {
    float large = 300;
    TestModel model = new TestModel(13).input("x", ElementType.F32, "n", CHANNELS, 8, 8);
    String from = "x";
    for (int i = 0; i < 6; i++) {
      boolean depthwise = i == 1;
      float[] weights = data.floats(0.3f, CHANNELS, depthwise ? 1 : CHANNELS, 3, 3).floats();
      for (int o = 0; o < CHANNELS; o++) {
        for (int k = 0; k < weights.length / CHANNELS; k++) {
          int at = o * weights.length / CHANNELS + k;
          weights[at] *= i == 0 && o == 0 ? large : i == 2 && k < 9 ? 1 / large : 1;
        }
      }
      model
          .initializer("w" + i, Tensor.floats(Shape.of(CHANNELS, depthwise ? 1 : CHANNELS, 3, 3), weights))
          .node("Conv", from + " w" + i, "c" + i).attribute("pads", 1L, 1L, 1L, 1L)
          .attribute("group", (long) (depthwise ? CHANNELS : 1));
      from = "c" + i;
    }
    return model.output(from, ElementType.F32);
  }

  private static QuantizedOnnx quantized(TestModel model, OnnxQuantization how, Path to) {
    try (Octet octet = Octet.builder().threads(1).open(); OnnxModel opened = model.open()) {
      QuantizedOnnx quantized = opened.quantize(octet, how);
      quantized.write(to);
      return quantized;
    }
  }

  /** The nodes of a channel that takes the bits of the others stay in floats, and no more than these. */
  @Test
  void whatHarmsTheOutputsStaysInFloats() throws IOException {
    TestModel model = unevenChannels();
    List<Map<String, Tensor>> runs = List.of(Map.of("x", data.floats(1, 2, CHANNELS, 8, 8)),
        Map.of("x", data.floats(1, 1, CHANNELS, 8, 8)));
    OnnxQuantization all = OnnxQuantization.int8Static(runs);
    Path file = folder.resolve("static.onnx");
    QuantizedOnnx loose = quantized(model, all.outputRatio(-20), file);
    assertEquals(6, loose.quantized().size());
    assertEquals(Map.of(), loose.harm());
    assertTrue(loose.outputRatio().getAsDouble() < 15, loose.outputRatio().toString());
    assertTrue(quantized(model, all, file).outputRatio().isEmpty());
    QuantizedOnnx near = quantized(model, all.outputRatio(25), file);
    assertEquals(List.of("theConv0 (Conv)", "theConv1 (Conv)", "theConv2 (Conv)"), near.kept());
    assertEquals(6, near.harm().size());
    assertEquals(Set.of("theConv0", "theConv1", "theConv2"),
        near.harm().keySet().stream().limit(3).collect(Collectors.toSet()), near.harm().toString());
    assertTrue(near.outputRatio().getAsDouble() >= 25, near.outputRatio().toString());
    byte[] after = Files.readAllBytes(file);
    Map<String, Tensor> floats = OnnxRuntimeJudge.run(model.bytes(), runs.getFirst());
    assertNear("near floats", floats, OnnxRuntimeJudge.run(after, runs.getFirst()), NEAR);
    assertNear("on Octet", floats,
        run(model.bytes(), OnnxOptions.defaults().quantize(all.outputRatio(25)), runs.getFirst()), NEAR);
  }

  /** The most harmful node alone makes an output that is near enough; the others harm together. */
  @Test
  void whatHarmsAloneIsNotLeftForThat() {
    TestModel model = new TestModel(13).input("x", ElementType.F32, "n", CHANNELS)
        .input("z", ElementType.F32, "n", CHANNELS).initializer("w", data.floats(1, CHANNELS, CHANNELS))
        .node("Gemm", "z w", "alone").output("alone", ElementType.F32);
    String from = "x";
    for (int i = 0; i < 10; i++) {
      model.initializer("w" + i, data.floats(1, CHANNELS, CHANNELS))
          .node("Gemm", from + " w" + i, "y" + i);
      from = "y" + i;
    }
    model.output(from, ElementType.F32);
    Tensor outlier = data.floats(1, 64, CHANNELS);
    float[] values = outlier.floats();
    values[0] = 12;
    OnnxQuantization all = OnnxQuantization.int8Static(List.of(Map.of("x", data.floats(1, 64, CHANNELS), "z",
        Tensor.floats(outlier.shape(), values))));
    Path file = folder.resolve("static.onnx");
    double together = quantized(model, all.outputRatio(-20), file).outputRatio().getAsDouble();
    QuantizedOnnx near = quantized(model, all.outputRatio(together + 0.1), file);
    assertEquals("theGemm0", near.harm().keySet().iterator().next(), near.harm().toString());
    assertTrue(near.harm().get("theGemm0") > together + 0.1, near.harm() + " together " + together);
    assertEquals(1, near.kept().size(), near.kept().toString());
    assertTrue(near.quantized().contains("theGemm0 (Gemm)"), near.quantized().toString());
    assertTrue(near.outputRatio().getAsDouble() >= together + 0.1, near.outputRatio().toString());
  }

  @Test
  void ratiosThatCannotBeAreRefused() {
    OnnxQuantization all = OnnxQuantization
        .int8Static(List.of(Map.of("x", data.floats(1, 1, CHANNELS, 8, 8))));
    assertThrows(IllegalArgumentException.class, () -> all.outputRatio(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> all.outputRatio(Double.POSITIVE_INFINITY));
    assertThrows(IllegalStateException.class, () -> OnnxQuantization.int8Dynamic().outputRatio(20));
    String message = assertThrows(IllegalArgumentException.class,
        () -> quantized(unevenChannels(), all.outputRatio(100), folder.resolve("static.onnx"))).getMessage();
    assertTrue(message.startsWith("quantize: expected outputs with a ratio of signal to noise of 100.0 dB"),
        message);
  }

  /** Weights so small that a bias would not fit 32 bits in units of sums. */
  @Test
  void largeBiasesFit() {
    TestModel model = new TestModel(13).input("x", ElementType.F32, 2, 40)
        .initializer("w", data.floats(1e-9f, 40, 8)).initializer("b", data.floats(3, 8))
        .node("Gemm", "x w b", "y").output("y", ElementType.F32);
    Map<String, Tensor> inputs = Map.of("x", data.floats(1, 2, 40));
    byte[] after = quantized(model.bytes(), OnnxQuantization.int8Static(List.of(inputs)));
    assertNear("large bias", OnnxRuntimeJudge.run(model.bytes(), inputs), OnnxRuntimeJudge.run(after, inputs),
        1e-6);
  }

  private void refuses(Class<? extends RuntimeException> type, String message, TestModel model,
      List<Map<String, Tensor>> runs) {
    OnnxQuantization how = OnnxQuantization.int8Static(runs);
    try (Octet octet = Octet.builder().threads(1).open(); OnnxModel opened = model.open()) {
      for (RuntimeException error : List.of(assertThrows(type, () -> opened.quantize(octet, how)),
          assertThrows(type, () -> opened.prepare(octet, OnnxOptions.defaults().quantize(how))))) {
        assertEquals(type, error.getClass());
        assertTrue(error.getMessage().matches(message), error.getMessage());
      }
    }
  }

  @Test
  void calibrationThatDoesNotFitIsRefused() {
    TestModel model = network(13);
    List<Map<String, Tensor>> runs = new ArrayList<>(samples());
    refuses(IllegalArgumentException.class, "calibration: expected one run or more, got none", model,
        List.of());
    runs.set(2, Map.of());
    refuses(IllegalArgumentException.class, "calibration, run 3: x: is missing; .*", model, runs);
    runs.set(2, Map.of("x", data.floats(1, 1, CHANNELS, 12, 11)));
    refuses(IllegalArgumentException.class, "calibration, run 3: expected x F32 .*", model, runs);
    float[] values = new float[CHANNELS * 120];
    values[7] = Float.NaN;
    runs.set(2, Map.of("x", Tensor.floats(Shape.of(1, CHANNELS, 12, 10), values)));
    refuses(IllegalArgumentException.class, "calibration, run 3: .*: expected a finite number, got NaN",
        model,
        runs);
  }

  @Test
  void opsetsThatCannotBeRaisedAreRefused() {
    TestModel model = new TestModel(11).input("x", ElementType.F32, 2, 3, 40)
        .initializer("w", data.floats(1, 40, 8)).node("MatMul", "x w", "p").node("Softmax", "p", "y")
        .attribute("axis", 1).output("y", ElementType.F32);
    List<Map<String, Tensor>> runs = List.of(Map.of("x", data.floats(1, 2, 3, 40)));
    refuses(UnsupportedOperationException.class,
        "opset 11: quantizing needs opset 13, where .*: theSoftmax1 \\(Softmax\\)", model, runs);
  }
}
