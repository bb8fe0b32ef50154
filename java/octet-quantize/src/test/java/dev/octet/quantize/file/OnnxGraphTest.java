package dev.octet.quantize.file;

import static dev.octet.quantize.file.OnnxFileTest.bytes;
import static dev.octet.quantize.file.OnnxFileTest.floats;
import static dev.octet.quantize.file.OnnxFileTest.model;
import static dev.octet.quantize.file.OnnxFileTest.node;
import static dev.octet.quantize.file.OnnxFileTest.read;
import static dev.octet.quantize.file.OnnxFileTest.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.octet.DataType;
import dev.octet.quantize.LayerScheme;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.WeightScheme;
import dev.octet.testing.Repository;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who uses the constants of a model, wherever in it they are. */
class OnnxGraphTest {
  @TempDir
  Path folder;

  private static AttributeProto.Builder integer(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value);
  }

  private static AttributeProto.Builder body(String name, GraphProto.Builder graph) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.GRAPH)
        .setG(graph.setName("b"));
  }

  private static TensorProto.Builder weight(String name, long... dims) {
    int count = 1;
    for (long dim : dims) {
      count *= (int) dim;
    }
    return floats(name, new float[count], dims);
  }

  private static List<String> names(WeightFile file) {
    return file.tensors().stream().map(StoredTensor::name).toList();
  }

  @Test
  void elementTypesThatAreNotReadAreBytes() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    graph.addInitializer(bytes("u2", 25, new byte[]{1, 2}, 2, 3));
    graph.addInitializer(tensor("i2", 26, 5).addInt32Data(0xe4).addInt32Data(3));
    graph.addInitializer(bytes("c", 15, new byte[32], 2));
    graph.addInitializer(bytes("new", 77, new byte[]{9}, 3));
    graph.addInitializer(tensor("s", 8, 2).addStringData(ByteString.copyFromUtf8("ab"))
        .addStringData(ByteString.copyFromUtf8("")));
    graph.addInitializer(floats("u2_s", new float[]{1}));
    graph.addNode(node("DequantizeLinear", List.of("u2", "u2_s"), "d"));
    graph.addNode(node("MatMul", List.of("x", "d"), "y"));
    try (OnnxFile file = read(graph)) {
      assertEquals(List.of("u2", "i2", "c", "new", "s", "u2_s"), names(file));
      assertArrayEquals(new int[]{1, 2}, file.tensor("u2").ints());
      assertArrayEquals(new int[]{0xe4, 3}, file.tensor("i2").ints());
      assertArrayEquals(new int[]{2, 0, 0, 0, 'a', 'b', 0, 0, 0, 0}, file.tensor("s").ints());
      assertEquals(List.of(new ForeignWeights("ONNX UINT2", "u2", List.of("u2", "u2_s"))), file.foreign());
    }
  }

  @Test
  void constantsOfBranchesBodiesAndFunctions() {
    GraphProto.Builder inner = GraphProto.newBuilder().addInitializer(weight("deep", 4, 2))
        .addNode(node("MatMul", List.of("x", "deep"), "p"));
    GraphProto.Builder then = GraphProto.newBuilder().addInitializer(weight("w", 4, 2))
        .addNode(node("MatMul", List.of("x", "w"), "p")).addNode(node("MatMul", List.of("x", "outer"), "q"))
        .addNode(NodeProto.newBuilder().setOpType("Loop").addAttribute(body("body", inner)));
    GraphProto.Builder otherwise = GraphProto.newBuilder().addInitializer(weight("w", 2, 4))
        .addNode(node("Conv", List.of("x", "w"), "p"));
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(weight("outer", 4, 2))
        .addInitializer(weight("given", 4, 2))
        .addNode(NodeProto.newBuilder().setName("choose").setOpType("If").addInput("c").addOutput("o")
            .addAttribute(body("then_branch", then)).addAttribute(body("else_branch", otherwise)))
        .addNode(node("Layer", List.of("x", "given"), "z").setDomain("local"));
    var function = ai.onnx.proto.OnnxMl.FunctionProto.newBuilder().setName("Layer").setDomain("local")
        .addInput("a").addInput("b").addOutput("r").addNode(node("MatMul", List.of("a", "b"), "r"))
        .addNode(NodeProto.newBuilder().setOpType("Constant").addOutput("k")
            .addAttribute(AttributeProto.newBuilder().setName("value")
                .setType(AttributeProto.AttributeType.TENSOR).setT(weight("", 3))));
    byte[] model = model(graph).addFunctions(function).build().toByteArray();
    try (OnnxFile file = OnnxFile.of(java.lang.foreign.MemorySegment.ofArray(model))) {
      assertEquals(
          List.of("outer", "given", "choose/then_branch/w", "deep", "choose/else_branch/w", "k"),
          names(file));
      for (String name : List.of("outer", "given", "choose/then_branch/w", "deep")) {
        assertEquals(new WeightAxes(1, 0), file.axes(name), name);
      }
      assertEquals(0, file.outputAxis("choose/else_branch/w"));
      assertFalse(file.isWeight("k"));
    }
  }

  @Test
  void axesByOperator() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    for (String name : List.of("stack", "lstm", "rec", "turned", "deconv", "conv")) {
      graph.addInitializer(weight(name, 2, 3, 4));
    }
    for (String name : List.of("left", "fused", "table", "bias", "bound")) {
      graph.addInitializer(weight(name, 3, 4));
    }
    graph.addNode(node("MatMul", List.of("x", "stack"), "1"));
    graph.addNode(node("LSTM", List.of("x", "lstm", "rec"), "2"));
    graph.addNode(node("Transpose", List.of("turned"), "t").addAttribute(AttributeProto.newBuilder()
        .setName("perm").setType(AttributeProto.AttributeType.INTS).addInts(1).addInts(2).addInts(0)));
    graph.addNode(node("MatMul", List.of("x", "t"), "3"));
    graph.addNode(node("ConvTranspose", List.of("x", "deconv"), "4"));
    graph.addNode(node("Conv", List.of("x", "conv"), "5"));
    graph.addNode(node("MatMul", List.of("left", "x"), "6"));
    graph.addNode(node("FusedMatMul", List.of("x", "fused"), "7").addAttribute(integer("transB", 1))
        .setDomain("com.microsoft"));
    graph.addNode(node("Gather", List.of("table", "i"), "8"));
    graph.addNode(node("Add", List.of("7", "bias"), "9"));
    graph.addNode(node("Max", List.of("9", "bound"), "10"));
    try (OnnxFile file = read(graph)) {
      Map<String, WeightAxes> axes = file.tensors().stream().map(StoredTensor::name).filter(file::isWeight)
          .collect(Collectors.toMap(name -> name, file::axes));
      assertEquals(Map.of("stack", new WeightAxes(2, 1), "lstm", new WeightAxes(1, 2), "rec",
          new WeightAxes(1, 2), "turned", new WeightAxes(0, 2), "deconv", new WeightAxes(1, -1), "conv",
          new WeightAxes(0, -1), "left", new WeightAxes(0, 1), "fused", new WeightAxes(0, 1), "table",
          new WeightAxes(0, 1)), axes);
    }
  }

  @Test
  void scalesBehindIntegerProductsAndTables() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    int u8 = TensorProto.DataType.UINT8_VALUE;
    graph.addInitializer(bytes("onnx::MatMul_9_quantized", u8, new byte[]{1, 2, 3, 4, 5, 6}, 2, 3));
    graph.addInitializer(floats("any", new float[]{0.5f}, 1));
    graph.addInitializer(bytes("z", u8, new byte[]{1}));
    graph.addInitializer(bytes("table", u8, new byte[]{1, 2, 3, 4, 5, 6}, 2, 3));
    graph.addInitializer(floats("layer.bias", new float[3], 3));
    graph.addNode(node("DynamicQuantizeLinear", List.of("x"), "a").addOutput("as").addOutput("az"));
    graph.addNode(node("MatMulInteger", List.of("a", "onnx::MatMul_9_quantized", "az", "z"), "p"));
    graph.addNode(node("Cast", List.of("p"), "f"));
    graph.addNode(node("Mul", List.of("as", "any"), "s"));
    graph.addNode(node("Mul", List.of("f", "s"), "r"));
    graph.addNode(node("Add", List.of("r", "layer.bias"), "y"));
    graph.addNode(node("Gather", List.of("table", "i"), "rows"));
    graph.addNode(node("DequantizeLinear", List.of("rows", "any", "z"), "e"));
    try (OnnxFile file = read(graph)) {
      assertEquals(List.of("layer.weight", "table"), file.quantizedNames());
      assertEquals(2.5f, file.quantized("layer.weight").real(5));
      assertEquals(2.5f, file.quantized("table").real(5));
      assertTrue(file.isParameter("any") && file.isParameter("z"));
    }
  }

  @ParameterizedTest
  @CsvSource({"if_outer.onnx, 44.3", "fusedmatmul.onnx, 44.3", "matmul3d.onnx, 44.2",
      "convtranspose.onnx, 46.5", "moe.safetensors, 44.4"})
  void scalesAlongOutputFeatures(String name, double least) {
    FileComparison comparison = quantized(name, WeightScheme.perChannel(DataType.S8, true));
    double worst = comparison.tensors().stream().mapToDouble(FileComparison.Row::sqnr).min().orElseThrow();
    assertTrue(worst >= least, name + ": " + worst + " dB");
    assertEquals(List.of(), comparison.missing());
  }

  @ParameterizedTest
  @CsvSource({"matmul3d.onnx", "moe.safetensors"})
  void stacksInGroups(String name) {
    FileComparison comparison = quantized(name, WeightScheme.perGroup(DataType.S4, 32, true));
    FileComparison.Row row = comparison.tensors().getFirst();
    assertTrue(row.form().startsWith("S4"), row.form());
    assertTrue(row.sqnr() > 18, row.sqnr() + " dB");
  }

  @Test
  void matMulNBitsIsCopied() {
    FileComparison comparison = quantized("matmulnbits.onnx", WeightScheme.perChannel(DataType.S8, true));
    comparison.tensors().forEach(row -> assertEquals(0, row.noise(), row.name()));
    try (WeightFile file = WeightFile.open(cases("matmulnbits.onnx"))) {
      assertEquals("ONNX MatMulNBits", file.foreign().getFirst().format());
    }
  }

  private static Path cases(String name) {
    Optional<Path> path = Repository.shared("cases/" + name);
    assumeTrue(path.isPresent(), "skipped, no conformance data");
    return path.orElseThrow();
  }

  private FileComparison quantized(String name, WeightScheme weights) {
    Path out = folder.resolve("out.safetensors");
    QuantizationScheme scheme = QuantizationScheme.of(LayerScheme.weightsOnly(weights));
    try (WeightFile in = WeightFile.open(cases(name))) {
      WeightQuantizer.quantize(in, out, new SchemeChoice(scheme), WeightQuantizer.Method.NEAREST, List.of(),
          Map.of(), (tensor, done, total) -> {
          });
      try (WeightFile file = WeightFile.open(out)) {
        assertTrue(names(file).containsAll(names(in)), () -> names(in) + " became " + names(file));
        return FileComparison.of(in, file, (tensor, done, total) -> {
        });
      }
    }
  }
}
