package dev.octet.quantize.file;

import static dev.octet.quantize.file.OnnxFileTest.bytes;
import static dev.octet.quantize.file.OnnxFileTest.floats;
import static dev.octet.quantize.file.OnnxFileTest.model;
import static dev.octet.quantize.file.OnnxFileTest.node;
import static dev.octet.quantize.file.OnnxFileTest.read;
import static dev.octet.quantize.file.OnnxFileTest.tensor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import dev.octet.quantize.QuantizationScheme;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that ONNX's own tools have quantized. */
class OnnxQuantizedTest {
  private static final int I8 = 3;
  private static final int U8 = 2;
  private static final byte[] CODES = {1, 2, 3, 4, 5, 6};

  @TempDir
  Path folder;

  private static AttributeProto.Builder integer(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value);
  }

  /** The scale of the activations may be a constant, and the first factor. */
  @Test
  void scalesOfActivationsAreNotTheWeights() {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(floats("xs", new float[]{100}))
        .addInitializer(floats("half", new float[]{0.5f}))
        .addInitializer(floats("three", new float[]{1, 2, 3}, 3))
        .addNode(node("QuantizeLinear", List.of("x", "xs"), "q"))
        .addNode(node("Reshape", List.of("q", "shape"), "a"))
        .addNode(node("DynamicQuantizeLinear", List.of("x"), "d").addOutput("ds").addOutput("dz"));
    // static: the activations' scale first, in one product, and in a product of its own
    product(graph, "one", "a", "xs", "half");
    graph.addInitializer(bytes("two", I8, CODES, 2, 3))
        .addNode(node("MatMulInteger", List.of("a", "two"), "two_p"))
        .addNode(node("Cast", List.of("two_p"), "two_f"))
        .addNode(node("Mul", List.of("two_f", "xs"), "two_m"))
        .addNode(node("Mul", List.of("half", "two_m"), "two_y"));
    // dynamic, and activations of which nothing is known beside scales that fit the outputs
    product(graph, "three_w", "d", "ds", "three");
    product(graph, "given", "input", "xs", "three");
    // of two scalars that come with activations from outside, neither is known to be the weight's
    product(graph, "unknown", "input", "xs", "half");
    try (OnnxFile file = read(graph)) {
      assertEquals(List.of("one", "two", "three_w", "given"), file.quantizedNames());
      assertEquals(3f, file.quantized("one").real(5));
      assertEquals(3f, file.quantized("two").real(5));
      assertEquals(18f, file.quantized("three_w").real(5));
      assertEquals(18f, file.quantized("given").real(5));
    }
  }

  /** What is quantized already comes with its scales, whatever is excluded: nobody is sent in circles. */
  @Test
  void aClashWithWhatIsCarriedOverNamesTheWayOut() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(bytes("w", I8, CODES, 2, 3))
        .addInitializer(floats("s", new float[]{1})).addInitializer(floats("w_scale", new float[]{1}))
        .addNode(node("DequantizeLinear", List.of("w", "s"), "f"))
        .addNode(node("MatMul", List.of("x", "f"), "p")).addNode(node("Mul", List.of("p", "w_scale"), "y"));
    Path in = Files.write(folder.resolve("clash.onnx"), model(graph).build().toByteArray());
    try (WeightFile file = WeightFile.open(in)) {
      String said = assertThrows(IllegalArgumentException.class,
          () -> WeightQuantizer.quantize(file, folder.resolve("out.safetensors"),
              new SchemeChoice(QuantizationScheme.int8Dynamic()), WeightQuantizer.Method.NEAREST, List.of(),
              Map.of(), (name, done, total) -> {
              }))
          .getMessage();
      assertTrue(
          said.endsWith("rename the tensor in the model: w is quantized already, and keeps its scales"),
          said);
    }
  }

  /** Axes of scales are those behind a Transpose: with square weights nothing but the numbers tells. */
  @Test
  void axesBehindATranspose() {
    byte[] square = {1, 2, 3, 4};
    GraphProto.Builder graph = GraphProto.newBuilder()
        .addInitializer(floats("s", new float[]{10, 100}, 2)).addInitializer(floats("xs", new float[]{1}))
        .addInitializer(floats("blocks", new float[4], 2, 2));
    for (String weight : List.of("dq", "integer", "linear", "blocked")) {
      graph.addInitializer(bytes(weight, I8, square, 2, 2))
          .addNode(node("Transpose", List.of(weight), weight + "_t"));
    }
    graph.addNode(node("DequantizeLinear", List.of("dq_t", "s"), "dq_f").addAttribute(integer("axis", 1)))
        .addNode(node("MatMul", List.of("x", "dq_f"), "y1"))
        .addNode(node("DynamicQuantizeLinear", List.of("x"), "d").addOutput("ds").addOutput("dz"))
        .addNode(node("MatMulInteger", List.of("d", "integer_t"), "p"))
        .addNode(node("Cast", List.of("p"), "f")).addNode(node("Mul", List.of("ds", "s"), "m"))
        .addNode(node("Mul", List.of("f", "m"), "y2"))
        .addNode(node("QLinearMatMul", List.of("a", "xs", "", "linear_t", "s", "", "xs", ""), "y3"))
        .addNode(node("DequantizeLinear", List.of("blocked_t", "blocks"), "b")
            .addAttribute(integer("axis", 0)).addAttribute(integer("block_size", 1)))
        .addNode(node("MatMul", List.of("x", "b"), "y4"));
    try (OnnxFile file = read(graph)) {
      assertEquals(List.of("dq", "integer", "linear"), file.quantizedNames());
      for (String name : file.quantizedNames()) {
        assertEquals(20, file.quantized(name).real(1), name);
        assertEquals(300, file.quantized(name).real(2), name);
      }
    }
  }

  /** Weights of types that no op of Octet takes, and of operators that it does not read. */
  @Test
  void weightsOfOtherTypesAreOfAnotherTool() {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(floats("s", new float[]{1}))
        .addInitializer(bytes("f8", 17, new byte[4], 2, 2)).addInitializer(bytes("i16", 5, new byte[8], 2, 2))
        .addInitializer(bytes("f4", 23, new byte[16], 2, 16))
        .addInitializer(floats("blocks", new float[2], 2, 1))
        .addInitializer(tensor("bias", 6, 1).addInt32Data(1)).addInitializer(bytes("w", I8, CODES, 2, 3))
        .addInitializer(bytes("r", I8, CODES, 2, 3)).addInitializer(floats("ws", new float[]{1}, 1))
        .addInitializer(floats("rs", new float[3], 1, 3)).addInitializer(bytes("z", I8, new byte[1], 1));
    for (String weight : List.of("f8", "i16", "bias")) {
      graph.addNode(node("DequantizeLinear", List.of(weight, "s"), weight + "_f"));
    }
    graph.addNode(node("DequantizeLinear", List.of("f4", "blocks"), "f4_f").addAttribute(integer("axis", 1))
        .addAttribute(integer("block_size", 16)))
        .addNode(node("DynamicQuantizeLSTM",
            List.of("x", "w", "r", "", "", "", "", "", "ws", "z", "rs", "z"), "y")
            .setDomain("com.microsoft"));
    try (OnnxFile file = read(graph)) {
      assertEquals(List.of(), file.quantizedNames());
      assertEquals(
          List.of(new ForeignWeights("ONNX DequantizeLinear of F8_E4M3", "f8", List.of("f8", "s")),
              new ForeignWeights("ONNX DequantizeLinear of I16", "i16", List.of("i16")),
              new ForeignWeights("ONNX DequantizeLinear of F4", "f4", List.of("f4", "blocks")),
              new ForeignWeights("ONNX DynamicQuantizeLSTM", "w", List.of("w", "ws", "z")),
              new ForeignWeights("ONNX DynamicQuantizeLSTM", "r", List.of("r", "rs"))),
          file.foreign());
    }
  }

  private static void product(GraphProto.Builder graph, String weight, String input, String first,
      String second) {
    graph.addInitializer(bytes(weight, I8, CODES, 2, 3))
        .addNode(node("MatMulInteger", List.of(input, weight), weight + "_p"))
        .addNode(node("Cast", List.of(weight + "_p"), weight + "_f"))
        .addNode(node("Mul", List.of(first, second), weight + "_s"))
        .addNode(node("Mul", List.of(weight + "_f", weight + "_s"), weight + "_y"));
  }

  @Test
  void tablesWithSeveralScales() {
    GraphProto.Builder graph = GraphProto.newBuilder()
        .addInitializer(floats("columns", new float[]{1, 2, 3}, 3))
        .addInitializer(floats("rows", new float[]{10, 20}, 2))
        .addInitializer(bytes("zeros", U8, new byte[]{1, 2}, 2))
        .addInitializer(floats("blocks", new float[]{1, 10, 2, 20}, 2, 2))
        .addInitializer(bytes("wide", U8, new byte[]{1, 2, 3, 4, 5, 6, 7, 8}, 2, 4));
    for (String table : List.of("last", "first", "each", "square")) {
      graph.addInitializer(bytes(table, U8, table.equals("square") ? new byte[9] : CODES,
          table.equals("square") ? 3 : 2, 3));
      graph.addNode(node("Gather", List.of(table, "i"), table + "_r"));
    }
    graph.addNode(
        node("DequantizeLinear", List.of("last_r", "columns"), "1").addAttribute(integer("axis", -1)));
    graph.addNode(
        node("DequantizeLinear", List.of("first_r", "columns"), "2").addAttribute(integer("axis", 2)));
    // as many scales as rows, along an axis that the rows do not have
    graph.addNode(node("DequantizeLinear", List.of("square_r", "rows"), "3"));
    graph.addNode(node("Gather", List.of("rows", "i"), "row_scales"));
    graph.addNode(node("Gather", List.of("zeros", "i"), "row_zeros"));
    graph.addNode(node("DequantizeLinear", List.of("each_r", "row_scales", "row_zeros"), "4")
        .addAttribute(integer("axis", 0)));
    graph.addNode(node("Gather", List.of("wide", "i"), "wide_r"));
    graph.addNode(node("Gather", List.of("blocks", "i"), "block_scales"));
    graph.addNode(node("DequantizeLinear", List.of("wide_r", "block_scales"), "5")
        .addAttribute(integer("axis", -1)).addAttribute(integer("block_size", 2)));
    try (OnnxFile file = read(graph)) {
      assertEquals(List.of("wide", "last", "first", "each"), file.quantizedNames());
      assertEquals(18f, file.quantized("last").real(5));
      assertEquals(18f, file.quantized("first").real(5));
      assertEquals((6 - 2) * 20f, file.quantized("each").real(5));
      assertEquals(8 * 20f, file.quantized("wide").real(7));
      assertEquals(3 * 10f, file.quantized("wide").real(2));
    }
  }

  /** A table that is stored as [width][rows]; with square ones nothing but the numbers tells. */
  @Test
  void tablesBehindATranspose() {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(floats("one", new float[]{10}))
        .addInitializer(floats("two", new float[]{10, 100}, 2))
        .addInitializer(floats("three", new float[]{1, 2, 3}, 3));
    for (String table : List.of("single", "wide", "rows", "blocks")) {
      graph.addInitializer(bytes(table, U8, CODES, 3, 2))
          .addNode(node("Transpose", List.of(table), table + "_t"))
          .addNode(node("Gather", List.of(table + "_t", "i"), table + "_r"));
    }
    graph.addNode(node("DequantizeLinear", List.of("single_r", "one"), "1"))
        .addNode(node("DequantizeLinear", List.of("wide_r", "three"), "2").addAttribute(integer("axis", -1)))
        .addNode(node("Gather", List.of("two", "i"), "s"))
        .addNode(node("DequantizeLinear", List.of("rows_r", "s"), "3").addAttribute(integer("axis", 0)))
        .addInitializer(floats("in_blocks", new float[2], 2, 1))
        .addNode(node("Gather", List.of("in_blocks", "i"), "b"))
        .addNode(node("DequantizeLinear", List.of("blocks_r", "b"), "4").addAttribute(integer("axis", -1))
            .addAttribute(integer("block_size", 3)));
    try (OnnxFile file = read(graph)) {
      assertEquals(List.of("single", "wide", "rows"), file.quantizedNames());
      assertEquals(60, file.quantized("single").real(5));
      assertEquals(15, file.quantized("wide").real(4));
      assertEquals(50, file.quantized("rows").real(4));
      assertEquals(600, file.quantized("rows").real(5));
      assertEquals("DequantizeLinear: blocks of 3 along an axis of its transpose",
          file.unreadable().get("blocks"));
    }
  }

  private static FileComparison compare(GraphProto.Builder reference, GraphProto.Builder other) {
    try (OnnxFile before = read(reference); OnnxFile after = read(other)) {
      return FileComparison.of(before, after, (name, done, total) -> {
      });
    }
  }

  private static Map<String, String> forms(FileComparison comparison) {
    return comparison.tensors().stream()
        .collect(Collectors.toMap(FileComparison.Row::name, FileComparison.Row::form));
  }

  /** By the names that quantizers make. */
  @Test
  void namesWithQuantizedBehind() {
    GraphProto.Builder before = GraphProto.newBuilder()
        .addInitializer(floats("X", new float[]{1, 2, 3, 4, 5, 6}, 2, 3))
        .addInitializer(floats("B", new float[]{2, -4, 6}, 3))
        .addNode(node("Gemm", List.of("a", "X", "B"), "y"));
    GraphProto.Builder after = GraphProto.newBuilder().addInitializer(bytes("X_quantized", I8, CODES, 2, 3))
        .addInitializer(floats("X_scale", new float[]{1}))
        .addInitializer(tensor("B_quantized", 6, 3).addInt32Data(1).addInt32Data(-2).addInt32Data(3))
        .addInitializer(floats("B_quantized_scale", new float[]{2}, 1))
        .addNode(node("DequantizeLinear", List.of("X_quantized", "X_scale"), "X_f"))
        .addNode(node("DequantizeLinear", List.of("B_quantized", "B_quantized_scale"), "B_f"))
        .addNode(node("Gemm", List.of("a", "X_f", "B_f"), "y"));
    FileComparison comparison = compare(before, after);
    assertEquals(List.of(), comparison.missing());
    comparison.tensors().forEach(row -> assertEquals(0, row.noise(), row.name()));
    assertEquals(Map.of("X", "S8 per tensor (scale 1.0, zero point 0)", "B", "I32 with scales"),
        forms(comparison));
  }

  /** Where names do not help: the product becomes the same value. */
  @Test
  void weightsAndBiasesByTheGraph() {
    GraphProto.Builder before = GraphProto.newBuilder()
        .addInitializer(floats("W", new float[]{1, 2, 3, 4, 5, 6}, 2, 3))
        .addInitializer(floats("B", new float[]{2, -4, 6}, 3))
        .addInitializer(floats("V", new float[]{1, 2, 3, 4, 5, 6}, 2, 3, 1, 1))
        .addInitializer(floats("C", new float[]{1, 2}, 2))
        .addInitializer(floats("gone", new float[6], 3, 2))
        .addNode(node("MatMul", List.of("a", "W"), "p")).addNode(node("Add", List.of("p", "B"), "y"))
        .addNode(node("Conv", List.of("y", "V", "C"), "z"))
        .addNode(node("MatMul", List.of("z", "gone"), "end"));
    GraphProto.Builder after = GraphProto.newBuilder().addInitializer(bytes("w0", I8, CODES, 2, 3))
        .addInitializer(floats("s0", new float[]{1})).addInitializer(floats("xs", new float[]{0.5f}))
        .addInitializer(floats("b0", new float[]{2, -4, 6}, 3))
        .addInitializer(bytes("w1", I8, CODES, 2, 3, 1, 1))
        .addInitializer(floats("s1", new float[]{1, 1}, 2))
        .addInitializer(tensor("b1", 6, 2).addInt32Data(2).addInt32Data(4))
        .addNode(node("DynamicQuantizeLinear", List.of("a"), "d").addOutput("ds").addOutput("dz"))
        .addNode(node("MatMulInteger", List.of("d", "w0", "dz"), "i"))
        .addNode(node("Cast", List.of("i"), "f")).addNode(node("Mul", List.of("ds", "s0"), "s"))
        .addNode(node("Mul", List.of("f", "s"), "r")).addNode(node("Add", List.of("b0", "r"), "y"))
        .addNode(node("QuantizeLinear", List.of("y", "xs", "z0"), "yq"))
        .addNode(node("QLinearConv", List.of("yq", "xs", "z0", "w1", "s1", "z1", "os", "oz", "b1"), "zq"))
        .addNode(node("DequantizeLinear", List.of("zq", "os", "oz"), "z"));
    FileComparison comparison = compare(before, after);
    assertEquals(List.of("gone"), comparison.missing());
    comparison.tensors().forEach(row -> assertEquals(0, row.noise(), row.name() + " " + row.form()));
    assertEquals(java.util.Set.of("W", "B", "V", "C"), forms(comparison).keySet());
    assertEquals("I32 with scales", forms(comparison).get("C"));
  }

  @Test
  void textOfTheModelIsCarriedOver() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder()
        .addInitializer(floats("stack", new float[2 * 4 * 3], 2, 4, 3))
        .addNode(node("MatMul", List.of("x", "stack"), "y"));
    byte[] model = model(graph)
        .addMetadataProps(StringStringEntryProto.newBuilder().setKey("names").setValue("{0: 'cat'}"))
        .addMetadataProps(StringStringEntryProto.newBuilder().setKey("octet.observer").setValue("old"))
        .build().toByteArray();
    try (OnnxFile file = OnnxFile.of(MemorySegment.ofArray(model))) {
      assertEquals("{0: 'cat'}", file.metadata().get("names"));
    }
    Files.write(folder.resolve("model.onnx"), model);
    Path out = folder.resolve("out.safetensors");
    NothingIsLost.quantize(folder.resolve("model.onnx"), out, QuantizationScheme.int8Dynamic().exclude("*"));
    try (WeightFile file = WeightFile.open(out)) {
      assertEquals("{0: 'cat'}", file.metadata().get("names"));
      assertEquals("test", file.metadata().get("producer"));
      assertTrue(!file.metadata().containsKey("octet.observer"), "it was not used");
      assertEquals(new WeightAxes(2, 1), file.axes("stack"), "a stack as in the model");
    }
  }
}
