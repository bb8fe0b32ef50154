package dev.octet.quantize.file;

import static dev.octet.quantize.file.OnnxFileTest.floats;
import static dev.octet.quantize.file.OnnxFileTest.model;
import static dev.octet.quantize.file.OnnxFileTest.node;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of tensors, nodes, graphs and text: what is one and the same, and what is not. */
class OnnxNamesTest {
  @TempDir
  Path folder;

  private static OnnxFile read(GraphProto.Builder graph) {
    return OnnxFileTest.read(graph);
  }

  private static OnnxFile read(ModelProto.Builder model) {
    return OnnxFile.of(MemorySegment.ofArray(model.build().toByteArray()));
  }

  private static List<String> names(WeightFile file) {
    return file.tensors().stream().map(StoredTensor::name).toList();
  }

  private static GraphProto.Builder layers(String... weights) {
    GraphProto.Builder graph = GraphProto.newBuilder();
    for (int i = 0; i < weights.length; i++) {
      graph.addInitializer(floats(weights[i], new float[4], 2, 2))
          .addInitializer(floats("l" + i + ".bias", new float[2], 2))
          .addNode(node("MatMul", List.of("x", weights[i]), "p" + i))
          .addNode(node("Add", List.of("p" + i, "l" + i + ".bias"), "y" + i));
    }
    return graph;
  }

  /** The name of a layer is what people exclude it by. */
  @Test
  void realNamesAreKept() {
    List<String> real = List.of("fc1.weight", "w", "encoder.kernel", "decoder/MatMul/ReadVariableOp:0");
    try (OnnxFile file = read(layers(real.toArray(new String[0])))) {
      assertTrue(names(file).containsAll(real), names(file).toString());
      assertEquals(Map.of(), file.otherNames());
    }
    String[] made = {"onnx::MatMul_7", "onnx::MatMul_8_quantized", "1234", "val_17", "/a/Transpose_output_0",
        "const_fold_opt__12"};
    try (OnnxFile file = read(layers(made))) {
      for (int i = 0; i < made.length; i++) {
        assertTrue(file.isWeight("l" + i + ".weight"), made[i]);
        assertEquals(made[i], file.otherNames().get("l" + i + ".weight"));
      }
    }
  }

  /** The bias behind two products, or behind one that is gated, is that of neither. */
  @Test
  void biasesOfProductsOfProducts() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    for (int i = 1; i < 7; i++) {
      graph.addInitializer(floats("onnx::MatMul_" + i, new float[4], 2, 2))
          .addNode(node("MatMul", List.of("x", "onnx::MatMul_" + i), "p" + i));
    }
    for (String layer : List.of("both", "gated", "scaled", "swapped", "twice")) {
      graph.addInitializer(floats(layer + ".bias", new float[2], 2));
    }
    graph.addInitializer(floats("scale", new float[1], 1))
        .addNode(node("Mul", List.of("p1", "p2"), "both"))
        .addNode(node("Add", List.of("both", "both.bias"), "1"))
        .addNode(node("Sigmoid", List.of("p3"), "gate")).addNode(node("Mul", List.of("p3", "gate"), "gated"))
        .addNode(node("Add", List.of("gated", "gated.bias"), "2"))
        .addNode(node("Mul", List.of("p4", "scale"), "scaled"))
        .addNode(node("Add", List.of("scaled.bias", "scaled"), "3"))
        .addNode(node("Mul", List.of("scale", "p5"), "swapped"))
        .addNode(node("Add", List.of("swapped", "swapped.bias"), "4"))
        .addNode(node("Mul", List.of("p6", "p6"), "square"))
        .addNode(node("Add", List.of("square", "twice.bias"), "5"));
    try (OnnxFile file = read(graph)) {
      assertEquals(Map.of("scaled.weight", "onnx::MatMul_4", "swapped.weight", "onnx::MatMul_5"),
          file.otherNames());
    }
  }

  /** Scales of integers are constants, or computed by the node that quantizes the activations. */
  @Test
  void biasesOfProductsOfIntegers() {
    GraphProto.Builder graph = GraphProto.newBuilder()
        .addInitializer(floats("fc.bias", new float[2], 2))
        .addInitializer(floats("w_scale", new float[1], 1))
        .addInitializer(OnnxFileTest.bytes("onnx::MatMul_1_quantized", TensorProto.DataType.INT8_VALUE,
            new byte[4], 2, 2))
        .addNode(node("DynamicQuantizeLinear", List.of("x"), "q").addOutput("s").addOutput("z"))
        .addNode(node("MatMulInteger", List.of("q", "onnx::MatMul_1_quantized", "z"), "i"))
        .addNode(node("Cast", List.of("i"), "f")).addNode(node("Mul", List.of("s", "w_scale"), "both"))
        .addNode(node("Mul", List.of("f", "both"), "p")).addNode(node("Add", List.of("p", "fc.bias"), "y"));
    try (OnnxFile file = read(graph)) {
      assertEquals(Map.of("fc.weight", "onnx::MatMul_1_quantized"), file.otherNames());
    }
  }

  @Test
  void layersAreExcludedByEitherName() throws IOException {
    Path in = Files.write(folder.resolve("m.onnx"),
        model(layers("onnx::MatMul_1", "onnx::MatMul_2", "onnx::MatMul_3")).build().toByteArray());
    QuantizationScheme scheme = QuantizationScheme.int8Dynamic().exclude("l0", "onnx::MatMul_2");
    try (WeightFile file = WeightFile.open(in)) {
      QuantizationSummary summary = NothingIsLost.quantize(in, folder.resolve("out.safetensors"),
          SchemeChoice.named(scheme, file));
      assertEquals(List.of("l2.weight"), summary.names(Outcome.QUANTIZED));
    }
  }

  private static NodeProto choose(String output, String weight, boolean inside) {
    GraphProto.Builder branch = GraphProto.newBuilder().setName("b")
        .addNode(node(inside ? "MatMul" : "Identity", inside ? List.of("x", weight) : List.of(weight), "r"))
        .addOutput(ValueInfoProto.newBuilder().setName("r"));
    return NodeProto.newBuilder().setName("same").setOpType("If").addInput("c").addOutput(output)
        .addAttribute(AttributeProto.newBuilder().setName("then_branch")
            .setType(AttributeProto.AttributeType.GRAPH).setG(branch))
        .build();
  }

  /** Names of nodes need not be unique, and those of values in branches are no values around them. */
  @Test
  void graphsOfOneNameHaveValuesOfTheirOwn() {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(floats("a", new float[4], 2, 2))
        .addInitializer(floats("b", new float[4], 2, 2)).addInitializer(floats("c", new float[4], 2, 2))
        .addNode(choose("first", "a", false)).addNode(choose("second", "b", false))
        .addNode(node("MatMul", List.of("x", "first"), "y"))
        .addNode(node("Identity", List.of("c"), "same/then_branch/r"))
        .addNode(node("Add", List.of("y", "second"), "z"));
    try (OnnxFile file = read(graph)) {
      assertTrue(file.isWeight("a"));
      assertFalse(file.isWeight("b"), "it is added");
      assertFalse(file.isWeight("c"), "nothing reads it");
    }
  }

  /** Functions know nothing of the names around them. */
  @Test
  void constantsOfFunctionsAreNoValuesOfTheGraph() {
    FunctionProto.Builder function = FunctionProto.newBuilder().setName("Add1").setDomain("d").addInput("a")
        .addOutput("r").addNode(NodeProto.newBuilder().setOpType("Constant").addOutput("k")
            .addAttribute(AttributeProto.newBuilder().setName("value")
                .setType(AttributeProto.AttributeType.TENSOR).setT(floats("", new float[4], 2, 2))))
        .addNode(node("Add", List.of("a", "k"), "r"));
    GraphProto.Builder graph = GraphProto.newBuilder().addNode(node("Relu", List.of("x"), "k"))
        .addNode(node("MatMul", List.of("x", "k"), "y"))
        .addNode(node("Add1", List.of("y"), "z").setDomain("d"));
    try (OnnxFile file = read(model(graph).addFunctions(function))) {
      assertEquals(List.of("Add1/k"), names(file));
      assertFalse(file.isWeight("Add1/k"), "what is multiplied with is another k");
    }
  }

  private static FunctionProto.Builder layer(String domain, String overload, String op) {
    return FunctionProto.newBuilder().setName("Layer").setDomain(domain).setOverload(overload).addInput("a")
        .addInput("b").addOutput("r").addNode(node(op, List.of("a", "b"), "r"));
  }

  @Test
  void functionsByNameDomainAndOverload() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    for (String weight : List.of("a", "b", "c", "d")) {
      graph.addInitializer(floats(weight, new float[4], 2, 2));
    }
    graph.addNode(node("Layer", List.of("x", "a"), "1").setDomain("one"))
        .addNode(node("Layer", List.of("x", "b"), "2").setDomain("two"))
        .addNode(node("Layer", List.of("x", "c"), "3").setDomain("one").setOverload("added"))
        .addNode(node("MatMul", List.of("x", "d"), "4"));
    try (OnnxFile file = read(model(graph).addFunctions(layer("one", "", "MatMul"))
        .addFunctions(layer("two", "", "Add")).addFunctions(layer("one", "added", "Add"))
        .addFunctions(FunctionProto.newBuilder().setName("MatMul").addInput("a").addInput("b").addOutput("r")
            .addNode(node("Sub", List.of("a", "b"), "r"))))) {
      assertTrue(!file.isWeight("b") && !file.isWeight("c"), "they are added");
      assertFalse(file.isWeight("d"), "the model has a MatMul of its own");
    }
    try (OnnxFile file = read(
        model(graph).addFunctions(layer("one", "", "MatMul")).addFunctions(layer("two", "", "Add"))
            .addFunctions(layer("one", "added", "Add")))) {
      assertEquals(List.of("a", "d"), names(file).stream().filter(file::isWeight).toList());
    }
  }

  /** An operator is its domain and its name. */
  @Test
  void operatorsOfOtherDomains() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    List<String> foreign = List.of("MatMul", "Gemm", "Conv", "Gather", "LSTM", "FusedMatMul", "MoE");
    for (String op : foreign) {
      graph.addInitializer(floats(op, new float[8], 2, 2, 2))
          .addNode(node(op, List.of(op, op, op), op + "_y").setDomain("org.example"));
    }
    for (String op : List.of("FusedMatMul", "MoE")) {
      graph.addNode(node(op, List.of(op, op, op), op + "_standard"));
    }
    graph.addInitializer(floats("aliased", new float[4], 2, 2))
        .addInitializer(floats("w", new float[4], 2, 2))
        .addInitializer(floats("nchwc", new float[16], 2, 2, 2, 2))
        .addInitializer(floats("fused", new float[4], 2, 2))
        .addNode(node("Transpose", List.of("aliased"), "t").setDomain("org.example"))
        .addNode(node("MatMul", List.of("x", "t"), "y"))
        .addNode(node("Conv", List.of("x", "nchwc"), "z").setDomain("com.microsoft.nchwc"))
        .addNode(node("MatMul", List.of("x", "w"), "v").setDomain("ai.onnx"))
        .addNode(node("FusedMatMul", List.of("x", "fused"), "u").setDomain("com.microsoft"))
        .addNode(NodeProto.newBuilder().setOpType("Constant").setName("k").setDomain("org.example")
            .addOutput("c").addAttribute(AttributeProto.newBuilder().setName("value")
                .setType(AttributeProto.AttributeType.TENSOR).setT(floats("", new float[4], 2, 2))))
        .addNode(node("MatMul", List.of("x", "c"), "q"));
    try (OnnxFile file = read(graph)) {
      assertEquals(List.of("w", "fused"), names(file).stream().filter(file::isWeight).toList());
      assertTrue(names(file).contains("k/value"), names(file).toString());
    }
  }

  @Test
  void longNamesAroundGraphs() {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(floats("w", new float[4], 2, 2))
        .addNode(node("MatMul", List.of("x", "w"), "y"));
    String name = "n".repeat(3000);
    for (int i = 0; i < 2; i++) {
      GraphProto.Builder inner = graph;
      graph = GraphProto.newBuilder().addInitializer(floats("w", new float[4], 2, 2))
          .addNode(NodeProto.newBuilder().setName(name).setOpType("If").addInput("c")
              .addAttribute(AttributeProto.newBuilder().setName("then_branch")
                  .setType(AttributeProto.AttributeType.GRAPH).setG(inner.setName("b"))));
    }
    try (OnnxFile file = read(graph)) {
      assertEquals(List.of("w", name + "/then_branch/w", "graph_2/w"), names(file));
      assertEquals(List.of("graph_2/w"), names(file).stream().filter(file::isWeight).toList());
    }
  }

  /** Text that no tensor needs does not block them. */
  @Test
  void textOfAnyLength() {
    String dictionary = "word ".repeat(500_000);
    ModelProto.Builder model = model(GraphProto.newBuilder().addInitializer(floats("w", new float[1], 1)))
        .addMetadataProps(StringStringEntryProto.newBuilder().setKey("words").setValue(dictionary))
        .addMetadataProps(StringStringEntryProto.newBuilder().setKey("latin")
            .setValueBytes(ByteString.copyFrom("caf\u00e9", StandardCharsets.ISO_8859_1)))
        .setProducerNameBytes(ByteString.copyFrom("\u00fcbung", StandardCharsets.ISO_8859_1));
    try (OnnxFile file = read(model)) {
      assertEquals(dictionary, file.metadata().get("words"));
      assertEquals("caf\ufffd", file.metadata().get("latin"));
      assertEquals("\ufffdbung", file.metadata().get("producer"));
    }
  }
}
