package dev.octet.quantize.file;

import static dev.octet.quantize.file.OnnxConstantsTest.weight;
import static dev.octet.quantize.file.OnnxFileTest.bytes;
import static dev.octet.quantize.file.OnnxFileTest.floats;
import static dev.octet.quantize.file.OnnxFileTest.model;
import static dev.octet.quantize.file.OnnxFileTest.node;
import static dev.octet.quantize.file.OnnxFileTest.read;
import static dev.octet.quantize.file.OnnxFileTest.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.QuantizationSummary.Entry;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tensor of which the graph says nothing certain is left as it is, with the reason; no other one is. */
class OnnxDoubtsTest {
  private static final int I8 = TensorProto.DataType.INT8_VALUE;
  private static final byte[] CODES = {1, 2, 3, 4};

  @TempDir
  Path folder;

  private static AttributeProto.Builder integer(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value);
  }

  private static NodeProto.Builder body(String op, List<String> inputs, List<String> outputs,
      GraphProto.Builder body) {
    return NodeProto.newBuilder().setName("n").setOpType(op).addAllInput(inputs).addAllOutput(outputs)
        .addAttribute(AttributeProto.newBuilder().setName("body")
            .setType(AttributeProto.AttributeType.GRAPH).setG(body.setName("b")));
  }

  private static ValueInfoProto.Builder value(String name) {
    return ValueInfoProto.newBuilder().setName(name);
  }

  private QuantizationSummary quantize(GraphProto.Builder graph) throws IOException {
    Path path = Files.write(folder.resolve("model.onnx"), model(graph).build().toByteArray());
    return NothingIsLost.quantize(path, folder.resolve("out.safetensors"), QuantizationScheme.int8Dynamic());
  }

  private static String reason(QuantizationSummary summary, String tensor) {
    return summary.entries().stream().filter(entry -> entry.tensor().equals(tensor)).map(Entry::what)
        .findFirst().orElseThrow();
  }

  /** The default axis of DequantizeLinear is 1, which a bias does not have. */
  @ParameterizedTest
  @ValueSource(longs = {1, 7, -3, 1L << 40})
  void axesThatAreNone(long axis) throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder()
        .addInitializer(tensor("bias", TensorProto.DataType.INT32_VALUE, 2).addInt32Data(5).addInt32Data(6))
        .addInitializer(bytes("w", I8, CODES, 2, 2)).addInitializer(bytes("v", I8, CODES, 4))
        .addInitializer(floats("s", new float[]{1, 2}, 2))
        .addInitializer(floats("s4", new float[]{1, 2, 3, 4}, 4)).addInitializer(weight("other", 2, 2))
        .addNode(node("DequantizeLinear", List.of("bias", "s"), "b").addAttribute(integer("axis", axis)))
        .addNode(node("DequantizeLinear", List.of("v", "s4"), "vf").addAttribute(integer("axis", axis)))
        .addNode(node("DequantizeLinear", List.of("w", "s"), "wf").addAttribute(integer("axis", 1)))
        .addNode(node("Gemm", List.of("x", "wf", "b"), "y"))
        .addNode(node("MatMul", List.of("y", "other"), "z"));
    try (OnnxFile file = read(graph)) {
      assertEquals(List.of("w"), file.quantizedNames());
      assertEquals("DequantizeLinear: expected an axis of [4], got axis " + axis, file.unreadable().get("v"));
    }
    QuantizationSummary summary = quantize(graph);
    assertEquals(List.of("other"), summary.names(Outcome.QUANTIZED));
    assertEquals(List.of("w"), summary.names(Outcome.KEPT));
  }

  @Test
  void numbersBeyond32Bits() {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(weight("w", 4, 2))
        .addInitializer(weight("table", 4, 2)).addInitializer(weight("other", 2, 2))
        .addInitializer(tensor("axes", TensorProto.DataType.INT64_VALUE, 1).addInt64Data(1L << 32))
        .addNode(node("Unsqueeze", List.of("w", "axes"), "u")).addNode(node("LSTM", List.of("x", "u"), "y"))
        .addNode(node("Unsqueeze", List.of("w"), "u11").addAttribute(AttributeProto.newBuilder()
            .setName("axes").setType(AttributeProto.AttributeType.INTS).addInts(1L << 32)))
        .addNode(node("LSTM", List.of("x", "u11"), "y11"))
        .addNode(node("Gather", List.of("table", "i"), "r").addAttribute(integer("axis", 1L << 32)))
        .addNode(node("MatMul", List.of("y", "other"), "z"));
    try (OnnxFile file = read(graph)) {
      assertFalse(file.isWeight("table"));
      assertFalse(file.isWeight("w"));
      assertTrue(file.isWeight("other"));
    }
  }

  /** The integers are the same, the numbers are not: neither scales are those of the weight. */
  @Test
  void twoScalesForOneWeight() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder();
    for (String name : List.of("w", "same", "twin", "axes")) {
      graph.addInitializer(bytes(name, I8, CODES, 2, 2));
    }
    graph.addInitializer(floats("s", new float[]{1, 2}, 2)).addInitializer(floats("t", new float[]{3, 4}, 2))
        .addInitializer(floats("s_too", new float[]{1, 2}, 2))
        .addNode(node("DequantizeLinear", List.of("w", "s"), "1"))
        .addNode(node("DequantizeLinear", List.of("w", "t"), "2"))
        .addNode(node("DequantizeLinear", List.of("w", "s"), "3"))
        .addNode(node("DequantizeLinear", List.of("same", "s"), "4"))
        .addNode(node("DequantizeLinear", List.of("same", "s"), "5"))
        .addNode(node("DequantizeLinear", List.of("twin", "s"), "6"))
        .addNode(node("DequantizeLinear", List.of("twin", "s_too"), "7"))
        .addNode(node("DequantizeLinear", List.of("axes", "s"), "8"))
        .addNode(node("DequantizeLinear", List.of("axes", "s"), "9").addAttribute(integer("axis", 0)));
    for (int i = 1; i < 10; i++) {
      graph.addNode(node("MatMul", List.of("x", "" + i), "y" + i));
    }
    try (OnnxFile file = read(graph)) {
      assertEquals(List.of("same", "twin"), file.quantizedNames());
      assertEquals("its nodes disagree: scales s on axis 1, and scales t on axis 1",
          file.unreadable().get("w"));
      assertEquals("its nodes disagree: scales s on axis 1, and scales s on axis 0",
          file.unreadable().get("axes"));
    }
    QuantizationSummary summary = quantize(graph);
    assertEquals(List.of("same", "twin"), summary.names(Outcome.KEPT));
    assertTrue(reason(summary, "w").contains("its nodes disagree"), reason(summary, "w"));
  }

  /** Scales belong to the output features, which are another axis for each of the two. */
  @Test
  void twoAxesForOneWeight() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(weight("w", 4, 4))
        .addInitializer(weight("tied", 4, 4)).addInitializer(weight("branch", 4, 4))
        .addNode(node("MatMul", List.of("x", "w"), "1"))
        .addNode(node("Gemm", List.of("1", "w"), "2").addAttribute(integer("transB", 1)))
        .addNode(node("Gather", List.of("tied", "i"), "3")).addNode(node("Transpose", List.of("tied"), "t"))
        .addNode(node("MatMul", List.of("2", "t"), "4"));
    GraphProto.Builder then = GraphProto.newBuilder().setName("t")
        .addNode(node("Identity", List.of("branch"), "r"))
        .addOutput(value("r"));
    GraphProto.Builder otherwise = GraphProto.newBuilder().setName("e")
        .addNode(node("Transpose", List.of("branch"), "r")).addOutput(value("r"));
    graph.addNode(node("If", List.of("c"), "either").addAttribute(AttributeProto.newBuilder()
        .setName("then_branch").setType(AttributeProto.AttributeType.GRAPH).setG(then))
        .addAttribute(AttributeProto.newBuilder().setName("else_branch")
            .setType(AttributeProto.AttributeType.GRAPH).setG(otherwise)))
        .addNode(node("MatMul", List.of("4", "either"), "5"));
    QuantizationSummary summary = quantize(graph);
    assertEquals(List.of("tied"), summary.names(Outcome.QUANTIZED));
    assertEquals("its nodes disagree: output features on axis 1, and on axis 0", reason(summary, "w"));
    assertEquals("its nodes disagree: output features on axis 1, and on axis 0", reason(summary, "branch"));
    GraphProto.Builder tables = GraphProto.newBuilder().addInitializer(weight("table", 4, 4))
        .addInitializer(weight("used", 4, 4));
    for (String table : List.of("table", "used")) {
      tables.addNode(node("Gather", List.of(table, "i"), table + "_rows"))
          .addNode(node("Gather", List.of(table, "i"), table + "_columns").addAttribute(integer("axis", 1)));
    }
    summary = quantize(tables.addNode(node("MatMul", List.of("x", "used"), "y")));
    assertEquals(List.of("used"), summary.names(Outcome.QUANTIZED));
    assertEquals("its nodes disagree: looked up along axis 0, and along axis 1", reason(summary, "table"));
  }

  /** Of training that is aware of quantization: the scales are the model's. */
  @Test
  void weightsThatTheGraphQuantizes() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(weight("w", 4, 4))
        .addInitializer(weight("v", 4, 4)).addInitializer(floats("s", new float[]{1}))
        .addNode(node("QuantizeLinear", List.of("w", "s"), "q"))
        .addNode(node("DequantizeLinear", List.of("q", "s"), "f"))
        .addNode(node("MatMul", List.of("x", "f"), "y")).addNode(node("MatMul", List.of("y", "v"), "z"));
    QuantizationSummary summary = quantize(graph);
    assertEquals(List.of("v"), summary.names(Outcome.QUANTIZED));
    assertEquals("quantized in the graph, by QuantizeLinear", reason(summary, "w"));
  }

  /** What a loop carries has other numbers in each iteration. */
  @Test
  void initialStates() throws IOException {
    GraphProto.Builder loop = GraphProto.newBuilder().addInput(value("i")).addInput(value("c"))
        .addInput(value("state")).addInput(value("fixed")).addNode(node("Identity", List.of("c"), "go"))
        .addNode(node("MatMul", List.of("data", "state"), "p"))
        .addNode(node("MatMul", List.of("p", "fixed"), "next"))
        .addNode(node("Identity", List.of("fixed"), "f"))
        .addInitializer(weight("scanned", 4, 4)).addOutput(value("go")).addOutput(value("next"))
        .addOutput(value("f")).addOutput(value("scanned"));
    GraphProto.Builder scan = GraphProto.newBuilder().addInput(value("h")).addInput(value("x"))
        .addNode(node("MatMul", List.of("x", "h"), "out")).addOutput(value("out"));
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(weight("start", 4, 4))
        .addInitializer(weight("kept", 4, 4)).addInitializer(weight("h0", 4, 4))
        .addInitializer(weight("both", 4, 4)).addInitializer(weight("w", 4, 4))
        .addNode(body("Loop", List.of("", "", "start", "kept"), List.of("a", "b", "stacked"), loop))
        .addNode(node("MatMul", List.of("x", "stacked"), "y"))
        .addNode(
            body("Scan", List.of("h0", "xs"), List.of("s"), scan).addAttribute(integer("num_scan_inputs", 1)))
        .addNode(body("Scan", List.of("both", "xs"), List.of("s2"), scan.clone())
            .addAttribute(integer("num_scan_inputs", 1)))
        .addNode(node("MatMul", List.of("both", "w"), "z"));
    QuantizationSummary summary = quantize(graph);
    assertEquals(List.of("kept", "w"), summary.names(Outcome.QUANTIZED));
    assertEquals("the initial value of what node n (Loop) changes", reason(summary, "start"));
    assertEquals("the initial value of what node n (Scan) changes", reason(summary, "h0"));
    assertEquals("the initial value of what node n (Scan) changes", reason(summary, "both"));
    assertEquals("no weight of an op that is known", reason(summary, "scanned"));
  }

  /** ONNX Runtime warns, and takes the last one. */
  @Test
  void twoTensorsOfOneName() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(weight("w", 4, 4))
        .addInitializer(floats("w", new float[16], 4, 4)).addInitializer(weight("v", 4, 4))
        .addNode(node("MatMul", List.of("x", "w"), "p")).addNode(node("MatMul", List.of("p", "v"), "y"));
    QuantizationSummary summary = quantize(graph);
    assertEquals(List.of("v"), summary.names(Outcome.QUANTIZED));
    assertEquals("the graph has two tensors of this name", reason(summary, "w"));
    assertEquals("the graph has two tensors of this name", reason(summary, "w_2"));
    try (OnnxFile file = read(graph)) {
      assertArrayEquals(new float[16], file.tensor("w_2").floats());
    }
  }

  @Test
  void constantsThatAreOutputs() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(weight("w", 4, 4))
        .addInitializer(weight("v", 4, 4)).addInput(value("v")).addOutput(value("w")).addOutput(value("y"))
        .addNode(node("MatMul", List.of("x", "w"), "p")).addNode(node("MatMul", List.of("p", "v"), "y"));
    QuantizationSummary summary = quantize(graph);
    assertEquals(List.of("v"), summary.names(Outcome.QUANTIZED), "old models list all weights as inputs");
    assertEquals("an output of the model", reason(summary, "w"));
  }

  /** A graph that takes too long to follow is listed and copied. */
  @Test
  void moreStepsThanAreFollowed() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(weight("w", 4, 4))
        .addInitializer(bytes("codes", I8, CODES, 2, 2)).addInitializer(floats("s", new float[]{1}))
        .addNode(node("DequantizeLinear", List.of("codes", "s"), "f"))
        .addNode(node("MatMul", List.of("x", "f"), "g")).addNode(node("MatMul", List.of("g", "w"), "y"))
        .addNode(node("Identity", List.of("w"), "v0"));
    int length = 3000;
    for (int i = 0; i < length; i++) {
      graph.addNode(node("Identity", List.of("v" + i), "v" + (i + 1)));
    }
    for (int i = 0; i < length; i++) {
      graph.addNode(node("MatMul", List.of("x", "v" + length), "m" + i));
    }
    QuantizationSummary summary = quantize(graph);
    assertEquals(List.of(), summary.names(Outcome.QUANTIZED));
    assertEquals("the graph takes more than 2000000 steps to follow", reason(summary, "w"));
    assertEquals(List.of("w", "codes", "s"), summary.names(Outcome.COPIED));
  }

  /** By their names other readers would take the scales that are beside the integers in the output. */
  @Test
  void whatIsNotReadSaysSoInTheOutput() throws IOException {
    byte[] codes = new byte[32];
    GraphProto.Builder two = GraphProto.newBuilder().addInitializer(bytes("w", I8, codes, 8, 4))
        .addInitializer(floats("w_scale", new float[8], 8))
        .addInitializer(floats("s2", new float[]{1, 2, 3, 4, 5, 6, 7, 8}, 8))
        .addNode(node("DequantizeLinear", List.of("w", "w_scale"), "1").addAttribute(integer("axis", 0)))
        .addNode(node("DequantizeLinear", List.of("w", "s2"), "2").addAttribute(integer("axis", 0)))
        .addNode(node("MatMul", List.of("x", "1"), "y")).addNode(node("MatMul", List.of("x", "2"), "z"));
    GraphProto.Builder computed = GraphProto.newBuilder().addInitializer(bytes("w", I8, codes, 8, 4))
        .addInitializer(floats("w_scale", new float[8], 8)).addInitializer(bytes("zp", I8, new byte[8], 8))
        .addNode(node("Add", List.of("zp", "x"), "zpc"))
        .addNode(
            node("DequantizeLinear", List.of("w", "w_scale", "zpc"), "1").addAttribute(integer("axis", 0)))
        .addNode(node("MatMul", List.of("x", "1"), "y"));
    for (GraphProto.Builder graph : List.of(two, computed)) {
      quantize(graph);
      try (WeightFile out = WeightFile.open(folder.resolve("out.safetensors"))) {
        assertEquals(List.of(), out.quantizedNames());
        assertEquals(List.of(new ForeignWeights("an unread form", "w", List.of("w", "w_scale"))),
            out.foreign());
      }
    }
  }

  /** Scales of one weight by the name that another weight's scales get. */
  @Test
  void scalesThatAnotherWeightTakesTheNameOf() {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(bytes("q", I8, CODES, 2, 2))
        .addInitializer(floats("w_scale", new float[]{1, 2}, 2)).addInitializer(weight("w", 4, 4))
        .addNode(node("DequantizeLinear", List.of("q", "w_scale"), "f"))
        .addNode(node("MatMul", List.of("x", "f"), "y")).addNode(node("MatMul", List.of("y", "w"), "z"));
    String message = assertThrows(IllegalArgumentException.class, () -> quantize(graph)).getMessage();
    assertEquals("tensor w_scale: the scales of w and scales or zero points of another weight of the model "
        + "would have this name in the output; leave the layer as it is, --exclude w", message);
  }

  /**
   * What is read as scales is no table of weights, also where it is not understood; nor is what is named so.
   */
  @Test
  void tablesOfScales() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(bytes("emb", I8, new byte[64], 8, 8))
        .addInitializer(weight("emb_scales", 8, 4)).addInitializer(bytes("zp", I8, new byte[32], 8, 4))
        .addInitializer(bytes("tab_q", I8, new byte[64], 8, 8)).addInitializer(weight("tab_scale", 8, 4))
        .addInitializer(weight("rows", 8, 4)).addNode(node("Gather", List.of("emb", "i"), "a"))
        .addNode(node("Gather", List.of("emb_scales", "i"), "b"))
        .addNode(node("Gather", List.of("zp", "j"), "c"))
        .addNode(node("DequantizeLinear", List.of("a", "b", "c"), "e").addAttribute(integer("block_size", 2)))
        .addNode(node("Gather", List.of("tab_q", "i"), "f"))
        .addNode(node("Gather", List.of("tab_scale", "i"), "g"))
        .addNode(node("Gather", List.of("rows", "i"), "h"));
    QuantizationSummary summary = quantize(graph);
    assertEquals(List.of("rows"), summary.names(Outcome.QUANTIZED));
    assertEquals("scales or zero points of DequantizeLinear", reason(summary, "emb_scales"));
    assertEquals("named as the scales of tab_q", reason(summary, "tab_scale"));
    // The output has no graph, and says what they are.
    assertEquals(List.of("rows"), NothingIsLost.quantize(folder.resolve("out.safetensors"),
        folder.resolve("again.safetensors"), QuantizationScheme.int8Dynamic()).names(Outcome.KEPT));
    try (WeightFile out = WeightFile.open(folder.resolve("again.safetensors"))) {
      assertEquals(List.of("rows"), out.quantizedNames());
      assertEquals("F32", out.tensor("tab_scale").typeName());
    }
  }

  /** Experts that are looked up have scales for each output feature; what is not understood is copied. */
  @Test
  void matricesThatAreLookedUp() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder();
    for (String name : List.of("plain", "turned", "other", "rows")) {
      graph.addInitializer(weight(name, name.equals("rows") ? 1 : 4, 8, 6))
          .addNode(node("Gather", List.of(name, "i"), name + "_m")
              .addAttribute(integer("axis", name.equals("rows") ? 1 : 0)));
    }
    graph.addNode(node("MatMul", List.of("x", "plain_m"), "y"))
        .addNode(node("Transpose", List.of("turned_m"), "t").addAttribute(AttributeProto.newBuilder()
            .setName("perm").setType(AttributeProto.AttributeType.INTS).addInts(0).addInts(2).addInts(1)))
        .addNode(node("MatMul", List.of("x", "t"), "z"))
        .addNode(node("Einsum", List.of("x", "other_m"), "e"));
    try (OnnxFile file = read(graph)) {
      assertEquals(new WeightAxes(2, 1), file.axes("plain"));
      assertEquals(new WeightAxes(1, 2), file.axes("turned"));
    }
    QuantizationSummary summary = quantize(graph);
    assertEquals(List.of("plain", "turned", "rows"), summary.names(Outcome.QUANTIZED));
    assertTrue(reason(summary, "other").startsWith("whole matrices are looked up"), reason(summary, "other"));
    try (WeightFile out = WeightFile.open(folder.resolve("out.safetensors"))) {
      assertEquals(4 * 6, out.quantized("plain").quantization().count());
      assertEquals(4 * 8, out.quantized("turned").quantization().count());
    }
  }
}
