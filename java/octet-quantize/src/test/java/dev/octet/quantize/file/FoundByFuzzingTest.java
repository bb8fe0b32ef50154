package dev.octet.quantize.file;

import static dev.octet.quantize.file.OnnxFileTest.floats;
import static dev.octet.quantize.file.OnnxFileTest.model;
import static dev.octet.quantize.file.OnnxFileTest.node;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.octet.quantize.QuantizationScheme;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that readers once failed on, each for its kind. */
class FoundByFuzzingTest {
  @TempDir
  Path folder;

  private Path safetensors(String header, int dataBytes) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    return Files.write(folder.resolve("in.safetensors"), file.putLong(text.length).put(text).array());
  }

  private String refused(Path in) {
    Path out = folder.resolve("out.safetensors");
    String said = assertThrows(IllegalArgumentException.class,
        () -> NothingIsLost.quantize(in, out, QuantizationScheme.int8Dynamic())).getMessage();
    assertFalse(Files.exists(out));
    return said;
  }

  /** A division by the number of scales along an axis. */
  @Test
  void scalesWithoutElements() {
    Path in = new TensorFiles().with("w", StoredType.I8, 1, 6).with("w_scale", StoredType.F32, 1, 0)
        .write(folder.resolve("in.safetensors"));
    NothingIsLost.quantize(in, folder.resolve("out.safetensors"), QuantizationScheme.int8Dynamic());
    try (WeightFile file = WeightFile.open(in)) {
      assertEquals("tensor w: scales: expected a shape that broadcasts to [1, 6], per tensor, channel or"
          + " group, got [1, 0]", file.unreadable().get("w"));
    }
  }

  /** The note of a parser on where its text is from tells users nothing. */
  @Test
  void whatIsWrongWithAHeader() throws IOException {
    assertEquals(folder.resolve("in.safetensors")
        + ": header: no JSON in UTF-8: Unexpected low surrogate in field name: 0xdc00 (line 1, column 9)",
        refused(safetensors("{\"\\udc00\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1)));
    Path index = Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\":}");
    String said = refused(index);
    assertFalse(said.contains("Source"), said);
  }

  /**
   * The parser of JSON took bytes that begin so for UTF-32, and what it then said for a file that is gone.
   */
  @Test
  void aDescriptionThatIsNoUtf8() throws IOException {
    new TensorFiles().with("w", StoredType.F32, 2, 2)
        .write(folder.resolve("quant_model_weight.safetensors"));
    Path description = folder.resolve("quant_model_description.json");
    for (byte[] text : List.of(new byte[]{0, 0, 0, '{', 0x21, -1, 0, 0},
        new byte[]{'{', '"', -1, '"', '}'})) {
      Files.write(description, text);
      String said = assertThrows(MalformedFileException.class, () -> WeightFile.open(description).close())
          .getMessage();
      assertTrue(said.startsWith(description + ": no JSON"), said);
    }
    Files.writeString(description, "\ufeff{}"); // as some editors write UTF-8
    WeightFile.open(description).close();
  }

  /** Names that the output cannot have, or that could not be read again. */
  @Test
  void namesThatSafetensorsHasNot() throws IOException {
    Path in = folder.resolve("model.onnx");
    for (String name : List.of("__metadata__", "n".repeat(10_001), "z".repeat(9_995))) {
      GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(floats(name, new float[4], 2, 2))
          .addNode(node("MatMul", List.of("x", name), "y"));
      Files.write(in, model(graph).build().toByteArray());
      String said = refused(in);
      assertTrue(said.startsWith("tensor " + name.substring(0, 10)) && said.length() < 300, said);
    }
  }

  /** Numbers for names that are taken were counted from 2 for each. */
  @Test
  void manyBodiesWithOneName() {
    GraphProto.Builder body = GraphProto.newBuilder().setName("b")
        .addInitializer(floats("w", new float[1], 1));
    GraphProto.Builder graph = GraphProto.newBuilder();
    for (int i = 0; i < 20_000; i++) {
      graph.addNode(
          NodeProto.newBuilder().setName("n").setOpType("If").addAttribute(attribute("t", body)));
    }
    byte[] file = model(graph).build().toByteArray();
    long before = HostileFilesTest.allocated();
    assertEquals(20_000, OnnxFile.of(MemorySegment.ofArray(file)).tensors().size());
    long bytes = HostileFilesTest.allocated() - before;
    assertTrue(bytes < 200_000_000, "allocated " + bytes);
  }

  private static AttributeProto.Builder attribute(String name, GraphProto.Builder body) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.GRAPH).setG(body);
  }

  private static List<StoredTensor> read(GraphProto.Builder graph) {
    return OnnxFile.of(MemorySegment.ofArray(model(graph).build().toByteArray())).tensors();
  }

  /** Each name in a body begins with those of the nodes around it. */
  @Test
  void namesOfNodesThatAreLongerThanTheFile() {
    GraphProto.Builder body = GraphProto.newBuilder().setName("b");
    for (int i = 0; i < 20_000; i++) {
      body.addNode(node("Relu", List.of("x"), "y" + i));
    }
    GraphProto.Builder graph = GraphProto.newBuilder().addNode(NodeProto.newBuilder()
        .setName("n".repeat(1 << 20)).setOpType("If").addAttribute(attribute("t", body)));
    long before = HostileFilesTest.allocated();
    assertEquals(List.of(), read(graph));
    long bytes = HostileFilesTest.allocated() - before;
    assertTrue(bytes < 100_000_000, "allocated " + bytes);
  }

  /** The way from each product to its constant was walked anew, with a list of the transposes on it. */
  @Test
  void manyProductsBehindManyTransposes() {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(floats("w", new float[4], 2, 2));
    String value = "w";
    for (int i = 0; i < 10_000; i++) {
      graph.addNode(node("Transpose", List.of(value), "t" + i).addAttribute(AttributeProto.newBuilder()
          .setName("perm").setType(AttributeProto.AttributeType.INTS).addInts(1).addInts(0)));
      value = "t" + i;
    }
    for (int i = 0; i < 10_000; i++) {
      graph.addNode(node("MatMul", List.of("x", value), "p" + i));
    }
    try (OnnxFile file = OnnxFileTest.read(graph)) {
      assertTrue(file.unquantizable().get("w").startsWith("the graph takes more than"));
    }
  }

  /** Each product of a function may be of each argument that the function is called with. */
  @Test
  void manyProductsInAFunctionThatIsCalledOften() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    FunctionProto.Builder function = FunctionProto.newBuilder().setName("f").setDomain("d").addInput("a");
    for (int i = 0; i < 20_000; i++) {
      graph.addInitializer(floats("w" + i, new float[4], 2, 2));
      graph.addNode(node("f", List.of("w" + i), "r" + i).setDomain("d"));
      function.addNode(node("MatMul", List.of("x", "a"), "p" + i));
    }
    byte[] file = model(graph).addFunctions(function).build().toByteArray();
    try (OnnxFile read = OnnxFile.of(MemorySegment.ofArray(file))) {
      assertEquals(20_000, read.unquantizable().size());
    }
  }

  /** Every beginning of a name that ends before a dot was tried for a layer. */
  @Test
  void namesOfManyDots() {
    TensorFiles files = new TensorFiles().with("l.qweight", StoredType.I32, 1, 4).with("l.scales",
        StoredType.F16, 1, 4);
    for (int i = 0; i < 200; i++) {
      files.with(".".repeat(9_900) + i, StoredType.U8, 0);
    }
    Path in = files.write(folder.resolve("in.safetensors"));
    long before = HostileFilesTest.allocated();
    WeightFile.open(in).close();
    long bytes = HostileFilesTest.allocated() - before;
    assertTrue(bytes < 200_000_000, "allocated " + bytes);
  }
}
