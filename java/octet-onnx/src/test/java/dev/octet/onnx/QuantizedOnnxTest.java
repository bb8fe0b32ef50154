package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models that are quantized and written: ONNX Runtime runs the file, and Octet gives the same floats, bit for
 * bit, with rewrites and without; they are near those of the model before. What is not quantized is still in
 * the file, byte for byte.
 */
class QuantizedOnnxTest {
  private static final long SEED = 53;
  private static final int K = 70;
  private static final int N = 33;
  private static final int CHANNELS = 6;
  private static final int OUTS = 8;
  /** Of the largest float: 8 bits on both sides, sums of up to 70 products. */
  private static final double NEAR = 0.05;

  @TempDir
  private Path folder;
  private final TestData data = new TestData(SEED);

  private byte[] quantized(byte[] model, OnnxQuantization how) {
    Path path = folder.resolve("quantized.onnx");
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel opened = OnnxModel.open(new ByteArrayInputStream(model))) {
      QuantizedOnnx result = opened.quantize(octet, how);
      result.write(path);
      assertEquals(result.bytes(), Files.size(path));
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private byte[] quantized(TestModel model) {
    return quantized(model.bytes(), OnnxQuantization.int8Dynamic());
  }

  /**
   * Checks a quantized file against ONNX Runtime and the model before; returns its operators when rewritten.
   */
  private static Map<String, Integer> judged(String what, byte[] before, byte[] after, Tensor x) {
    Map<String, Tensor> inputs = Map.of("x", x);
    Map<String, Tensor> expected = OnnxRuntimeJudge.run(after, inputs);
    Map<String, Tensor> floats = OnnxRuntimeJudge.run(before, inputs);
    StaticQuantizationTest.assertNear(what, floats, expected, NEAR);
    try (Octet octet = Octet.builder().threads(1).open();
        PreparedOnnx rewritten = TestModel.prepareAndClose(
            OnnxModel.open(new ByteArrayInputStream(after)), octet, OnnxOptions.defaults());
        PreparedOnnx plain = TestModel.prepareAndClose(OnnxModel.open(new ByteArrayInputStream(after)), octet,
            OnnxOptions.defaults().withoutRewrites())) {
      TestData.assertSame(what + ", rewritten", expected, rewritten.run(inputs), 0);
      TestData.assertSame(what + ", as it is", expected, plain.run(inputs), 0);
      return RewritesTest.operators(rewritten);
    }
  }

  private Map<String, Integer> judged(String what, TestModel model, Tensor x) {
    return judged(what, model.bytes(), quantized(model), x);
  }

  @Test
  void productsAreWritten() {
    for (QuantizationTest.Product form : QuantizationTest.Product.values()) {
      TestModel model = QuantizationTest.product(form, data.floats(0.1f, K, N), data.floats(1, N));
      Tensor x = form.isGemm() ? data.floats(3, 9, K) : data.floats(3, 2, 7, K);
      assertEquals(Map.of("DynamicProduct", 1), judged(form.name(), model, x));
    }
  }

  @Test
  void convolutionsAreWritten() {
    for (int bits = 0; bits < 16; bits++) {
      int axes = (bits & 1) + 1;
      long groups = (bits & 2) != 0 ? 2 : 1;
      boolean added = (bits & 4) != 0;
      boolean normalized = (bits & 8) != 0;
      long[] each = axes == 1 ? new long[]{11} : new long[]{9, 11};
      TestModel model = QuantizationTest.convolution(axes, groups, added, normalized,
          data.floats(0.1f, QuantizationTest.join(OUTS, CHANNELS / groups,
              axes == 1 ? new long[]{3} : new long[]{3, 3})),
          data.floats(1, OUTS));
      Map<String, Integer> operators = new TreeMap<>(Map.of("DynamicConv", 1));
      if (added && normalized) {
        operators.put("BatchNormalization", 1);
      }
      assertEquals(operators,
          judged("form " + bits, model, data.floats(3, QuantizationTest.join(3, CHANNELS, each))));
    }
  }

  /**
   * Two products of one input, one of them kept, a matrix that is computed, and one that two products share.
   */
  private TestModel several() {
    return new TestModel(13).input("x", ElementType.F32, "rows", K)
        .initializer("wq", data.floats(0.1f, K, N)).initializer("wk", data.floats(0.1f, N, K))
        .initializer("wv", data.floats(0.1f, K, N)).initializer("wo", data.floats(0.1f, N, N))
        .initializer("b", data.floats(1, N))
        .node("MatMul", "x wq", "q").node("Transpose", "wk", "turned").node("MatMul", "x turned", "k")
        .node("MatMul", "x wv", "v").node("Add", "b v", "vb")
        .node("Mul", "q k", "qk").node("Add", "qk vb", "sum").node("MatMul", "sum wo", "o")
        .node("Relu", "o", "r").node("MatMul", "r wo", "y").output("y", ElementType.F32);
  }

  @Test
  void oneInputIsQuantizedOnce() {
    Tensor x = data.floats(1, 5, K);
    TestModel model = several();
    byte[] all = quantized(model);
    judged("several", model.bytes(), all, x);
    GraphProto graph = parsed(all).getGraph();
    assertEquals(3, count(graph, "DynamicQuantizeLinear"));
    assertEquals(5, count(graph, "MatMulInteger"));
    assertEquals(0, count(graph, "MatMul") + count(graph, "Transpose"));
    assertFalse(graph.getInitializerList().stream().anyMatch(tensor -> tensor.getDataType() == 1
        && tensor.getDimsCount() > 1), "float weights");
    byte[] some = quantized(model.bytes(),
        OnnxQuantization.int8Dynamic().exclude("theMatMul2", "theMatMul9"));
    judged("some", model.bytes(), some, x);
    assertEquals(2, count(parsed(some).getGraph(), "DynamicQuantizeLinear"));
    assertEquals(1, count(parsed(some).getGraph(), "Transpose"));
  }

  private static long count(GraphProto graph, String type) {
    return graph.getNodeList().stream().filter(node -> node.getOpType().equals(type)).count();
  }

  private static ModelProto parsed(byte[] model) {
    try {
      return ModelProto.parseFrom(model);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Everything that a file may have and that quantization has no business with. */
  private byte[] decorated(TestModel model, int format) {
    UnknownFieldSet unknown = UnknownFieldSet.newBuilder()
        .addField(1000, UnknownFieldSet.Field.newBuilder().addVarint(77).build()).build();
    GraphProto.Builder graph = model.graph.clone();
    graph.setDocString("a graph").setUnknownFields(unknown);
    graph.getNodeBuilderList()
        .forEach(node -> node.setDocString("of " + node.getName()).setUnknownFields(unknown));
    return ModelProto.newBuilder().setIrVersion(format).setProducerName("somebody").setModelVersion(7)
        .setDocString("words").setUnknownFields(unknown)
        .addMetadataProps(StringStringEntryProto.newBuilder().setKey("labels").setValue("cat,dog"))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("elsewhere").setVersion(3))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(13)).setGraph(graph).build()
        .toByteArray();
  }

  @Test
  void whatIsNotQuantizedIsCopied() {
    byte[] before = decorated(several(), 8);
    byte[] after = quantized(before, OnnxQuantization.int8Dynamic().include("theMatMul0"));
    ModelProto.Builder expected = parsed(before).toBuilder();
    ModelProto actual = parsed(after);
    assertEquals(expected.clone().clearGraph().build(), actual.toBuilder().clearGraph().build());
    List<NodeProto> nodes = new ArrayList<>(actual.getGraph().getNodeList());
    nodes.removeIf(node -> !node.getDocString().startsWith("of "));
    expected.getGraphBuilder().removeNode(0);
    assertEquals(expected.getGraph().getNodeList(), nodes);
    List<TensorProto> tensors = new ArrayList<>(actual.getGraph().getInitializerList());
    assertEquals(List.of("wq_quantized", "wq_scale"),
        tensors.subList(4, 6).stream().map(TensorProto::getName).toList());
    expected.getGraphBuilder().removeInitializer(0);
    assertEquals(expected.getGraph().getInitializerList(), tensors.subList(0, 4));
    assertEquals(expected.getGraph().getUnknownFields(), actual.getGraph().getUnknownFields());
    assertEquals("a graph", actual.getGraph().getDocString());
    assertEquals(expected.getGraph().getInputList(), actual.getGraph().getInputList());
    assertEquals(expected.getGraph().getOutputList(), actual.getGraph().getOutputList());
  }

  /** In old files constants are inputs of the graph too. */
  @Test
  void oldFilesListTheirConstants() {
    TestModel model = new TestModel(13).input("x", ElementType.F32, "rows", K)
        .input("w", ElementType.F32, K, N).input("b", ElementType.F32, N)
        .initializer("w", data.floats(0.1f, K, N)).initializer("b", data.floats(1, N))
        .node("MatMul", "x w", "p").node("Add", "p b", "y").output("y", ElementType.F32);
    byte[] before = decorated(model, 3);
    byte[] after = quantized(before, OnnxQuantization.int8Dynamic());
    assertEquals(Map.of("DynamicProduct", 1), judged("format 3", before, after, data.floats(3, 4, K)));
    assertEquals(List.of("x", "w_quantized", "w_scale", "theMatMul0_bias"),
        parsed(after).getGraph().getInputList().stream().map(input -> input.getName()).toList());
  }

  @Test
  void dataBesideTheFileComeIntoIt() throws IOException {
    Tensor w = data.floats(0.1f, K, N);
    Tensor table = data.floats(1, N);
    TestModel model = new TestModel(13).input("x", ElementType.F32, "rows", K).initializer("w", w)
        .initializer("table", table).node("MatMul", "x w", "p").node("Mul", "p table", "y")
        .output("y", ElementType.F32);
    byte[] inside = model.bytes();
    Files.write(folder.resolve("data.bin"),
        table.data().toArray(ValueLayout.JAVA_BYTE));
    TensorProto.Builder outside = model.graph.getInitializerBuilder(1).clearRawData()
        .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    outside.addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue("data.bin"));
    Path path = folder.resolve("model.onnx");
    Files.write(path, model.bytes());
    Path out = folder.resolve("out.onnx");
    try (Octet octet = Octet.builder().threads(1).open(); OnnxModel opened = OnnxModel.open(path)) {
      assertEquals(List.of(folder.resolve("data.bin")), opened.dataFiles());
      QuantizedOnnx quantized = opened.quantize(octet, OnnxQuantization.int8Dynamic());
      assertEquals(List.of("theMatMul0 (MatMul)"), quantized.quantized());
      assertEquals(List.of(), quantized.kept());
      quantized.write(out);
      for (Path input : List.of(path, folder.resolve("data.bin"))) {
        IllegalArgumentException error = assertThrows(IllegalArgumentException.class,
            () -> quantized.write(input));
        assertTrue(error.getMessage().endsWith("is the input " + input + "; name another file"),
            error.getMessage());
      }
    }
    judged("external data", inside, Files.readAllBytes(out), data.floats(3, 4, K));
  }

  /** As a dynamic file, and by ranges of samples, where each is quantized. */
  @Test
  void depthwiseConvolutionsAreKeptUnlessNamed() {
    int channels = 6;
    TestModel model = new TestModel(13).input("x", ElementType.F32, 1, channels, 9, 9)
        .initializer("d", data.floats(1, channels, 1, 3, 3)).node("Conv", "x d", "c")
        .attribute("group", (long) channels).initializer("w", data.floats(1, channels, channels, 3, 3))
        .node("Conv", "c w", "y").output("y", ElementType.F32);
    OnnxQuantization all = OnnxQuantization.int8Dynamic();
    Tensor x = data.floats(1, 1, channels, 9, 9);
    try (Octet octet = Octet.builder().threads(1).open(); OnnxModel opened = model.open()) {
      QuantizedOnnx quantized = opened.quantize(octet, all);
      assertEquals(List.of("theConv1 (Conv)"), quantized.quantized());
      assertEquals(List.of("theConv0 (Conv)"), quantized.kept());
      assertEquals(List.of(), opened.quantize(octet, all.include("theConv?")).kept());
      assertEquals(List.of(),
          opened.quantize(octet, OnnxQuantization.int8Static(List.of(Map.of("x", x)))).kept());
    }
  }

  @Test
  void namesThatAreTakenAreNotTakenTwice() {
    TestModel model = new TestModel(13).input("x", ElementType.F32, "rows", K)
        .initializer("w", data.floats(0.1f, K, N)).node("Relu", "x", "x_quantized")
        .node("Relu", "x", "w_scale")
        .node("Add", "x_quantized w_scale", "theMatMul3_sums").node("MatMul", "theMatMul3_sums w", "p")
        .node("MatMul", "x w", "y").output("y", ElementType.F32).output("p", ElementType.F32);
    byte[] after = quantized(model);
    judged("names", model.bytes(), after, data.floats(3, 4, K));
    assertEquals(1, parsed(after).getGraph().getInitializerList().stream()
        .filter(tensor -> tensor.getName().startsWith("w_quantized")).count());
  }

  private static void refuses(Class<? extends RuntimeException> type, String message, TestModel model,
      OnnxQuantization how) {
    try (Octet octet = Octet.builder().threads(1).open(); OnnxModel opened = model.open()) {
      RuntimeException error = assertThrows(type, () -> opened.quantize(octet, how));
      assertTrue(error.getMessage().matches(message), error.getMessage());
    }
  }

  @Test
  void whatCannotBeQuantizedIsRefused() {
    OnnxQuantization all = OnnxQuantization.int8Dynamic();
    TestModel none = new TestModel(13).input("x", ElementType.F32, 3, 3).node("MatMul", "x x", "y")
        .output("y", ElementType.F32);
    refuses(IllegalArgumentException.class,
        "quantize: the model has no MatMul, Gemm or Conv .*; it has \\[theMatMul0 \\(MatMul\\)\\]", none,
        all);
    refuses(IllegalArgumentException.class, "quantize: no node .* \"head\" matches", several(),
        all.include("head"));
    try (Octet octet = Octet.builder().threads(1).open(); OnnxModel opened = several().open()) {
      QuantizedOnnx quantized = opened.quantize(octet, all);
      assertEquals("5 nodes quantized, 0 products and convolutions kept, " + quantized.bytes() + " bytes",
          quantized.toString());
      assertThrows(IllegalArgumentException.class, () -> quantized.write(folder));
    }
    assertEquals(List.of(), Arrays.asList(folder.toFile().list()));
  }
}
