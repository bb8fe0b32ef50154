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
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Constants of a model that are no plain initializer: all are listed and copied. */
class OnnxConstantsTest {
  @TempDir
  Path folder;

  private static AttributeProto.Builder attribute(String name) {
    return AttributeProto.newBuilder().setName(name);
  }

  private static NodeProto.Builder constant(String output, AttributeProto.Builder value) {
    return NodeProto.newBuilder().setOpType("Constant").addOutput(output).addAttribute(value);
  }

  static TensorProto.Builder weight(String name, long... dims) {
    int count = 1;
    for (long dim : dims) {
      count *= (int) dim;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i % 7 - 3;
    }
    return floats(name, values, dims);
  }

  private static SparseTensorProto.Builder sparse(String name) {
    return SparseTensorProto.newBuilder().setValues(floats(name, new float[]{3, -1}, 2))
        .setIndices(tensor("", 7, 2).addInt64Data(1).addInt64Data(5)).addDims(2).addDims(3);
  }

  private QuantizationSummary quantize(ModelProto model) throws IOException {
    Path path = folder.resolve("model.onnx");
    Files.write(path, model.toByteArray());
    return NothingIsLost.quantize(path, folder.resolve("out.safetensors"), QuantizationScheme.int8Dynamic());
  }

  private static List<String> names(WeightFile file) {
    return file.tensors().stream().map(StoredTensor::name).toList();
  }

  @Test
  void sparseInitializersAreCopied() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(weight("w", 4, 8))
        .addInitializer(weight("s_shape", 1)).addSparseInitializer(sparse("s"))
        .addNode(node("MatMul", List.of("x", "w"), "y")).addNode(node("MatMul", List.of("x", "s"), "z"))
        .addNode(constant("c", attribute("sparse_value").setSparseTensor(sparse(""))))
        .addNode(node("DequantizeLinear", List.of("s", "scale"), "d"))
        .addInitializer(floats("scale", new float[]{1}));
    QuantizationSummary summary = quantize(model(graph).build());
    assertEquals(List.of("w"), summary.names(Outcome.QUANTIZED));
    try (OnnxFile file = read(graph)) {
      assertArrayEquals(new float[]{3, -1}, file.tensor("s").floats());
      assertArrayEquals(new int[]{1, 5}, file.tensor("s_indices").ints());
      assertArrayEquals(new int[]{2, 3}, file.tensor("s_shape_2").ints(), "s_shape is the model's");
      assertArrayEquals(new int[]{2, 3}, file.tensor("c_shape").ints());
      assertEquals(List.of(
          new ForeignWeights("ONNX sparse", "s", List.of("s", "s_indices", "s_shape_2", "scale")),
          new ForeignWeights("ONNX sparse", "c", List.of("c", "c_indices", "c_shape"))), file.foreign());
    }
    GraphProto.Builder none = GraphProto.newBuilder()
        .addSparseInitializer(SparseTensorProto.newBuilder().addDims(2));
    assertTrue(assertThrows(MalformedFileException.class, () -> read(none)).getMessage()
        .contains("expected values and indices, got no values"));
  }

  @Test
  void constantsOfEveryKind() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder()
        .addNode(constant("i", attribute("value_int").setI(-5)))
        .addNode(constant("is", attribute("value_ints").addInts(1L << 40).addInts(-2)))
        .addNode(constant("f", attribute("value_float").setF(0.5f)))
        .addNode(constant("fs", attribute("value_floats").addFloats(1).addFloats(-2.5f)))
        .addNode(constant("s", attribute("value_string").setS(ByteString.copyFromUtf8("ab"))))
        .addNode(constant("ss", attribute("value_strings").addStrings(ByteString.copyFromUtf8("a"))
            .addStrings(ByteString.copyFromUtf8(""))))
        .addNode(node("MatMul", List.of("x", "fs"), "y"));
    try (OnnxFile file = read(graph)) {
      assertEquals(List.of("i", "is", "f", "fs", "s", "ss"), names(file));
      assertArrayEquals(new int[]{-5}, file.tensor("i").ints());
      assertEquals(1L << 40, file.tensor("is").integer(0));
      assertEquals(-2, file.tensor("is").integer(1));
      assertArrayEquals(new float[]{0.5f}, file.tensor("f").floats());
      assertArrayEquals(new float[]{1, -2.5f}, file.tensor("fs").floats());
      assertArrayEquals(new int[]{2, 0, 0, 0, 'a', 'b'}, file.tensor("s").ints());
      assertArrayEquals(new int[]{1, 0, 0, 0, 'a', 0, 0, 0, 0}, file.tensor("ss").ints());
    }
    assertEquals(List.of(), quantize(model(graph).build()).names(Outcome.QUANTIZED));
  }

  /** What a call gives a function by an attribute is a tensor of the model; how it is used is not known. */
  @Test
  void attributesOfFunctions() throws IOException {
    FunctionProto.Builder function = FunctionProto.newBuilder().setName("Layer").setDomain("local")
        .addInput("x").addInput("b").addOutput("y").addAttribute("w").addAttribute("turned")
        .addAttributeProto(attribute("table").setT(weight("", 4, 8)))
        .addNode(constant("k", attribute("value").setRefAttrName("w")))
        .addNode(node("MatMul", List.of("x", "k"), "p"))
        .addNode(node("Gemm", List.of("p", "b"), "y")
            .addAttribute(attribute("transB").setRefAttrName("turned")));
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(weight("b", 8, 8))
        .addInitializer(weight("plain", 8, 8))
        .addNode(node("Layer", List.of("x", "b"), "z").setName("call").setDomain("local")
            .addAttribute(attribute("w").setT(weight("", 4, 8))).addAttribute(attribute("turned").setI(1)))
        .addNode(node("MatMul", List.of("z", "plain"), "out"));
    ModelProto model = model(graph).addFunctions(function).build();
    try (OnnxFile file = OnnxFile.of(MemorySegment.ofArray(model.toByteArray()))) {
      assertEquals(List.of("b", "plain", "call/w", "Layer/table"), names(file));
      assertFalse(file.isWeight("b"), "transposed or not, as the call says");
    }
    assertEquals(List.of("plain"), quantize(model).names(Outcome.QUANTIZED));
  }

  /** Exporters of recurrent layers put the gates into another order, and give the weight an axis more. */
  @Test
  void weightsThatArePutTogether() {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(weight("ih", 8, 4))
        .addInitializer(weight("hh", 8, 2)).addInitializer(weight("fused", 4, 12))
        .addNode(constant("zero", attribute("value_ints").addInts(0)))
        .addNode(node("Slice", List.of("ih", "from", "to"), "a"))
        .addNode(node("Slice", List.of("ih", "from2", "to2"), "b"))
        .addNode(node("Concat", List.of("b", "a"), "c"))
        .addNode(node("Unsqueeze", List.of("c", "zero"), "w"))
        .addNode(node("Unsqueeze", List.of("hh"), "r").addAttribute(attribute("axes").addInts(-3)))
        .addNode(node("LSTM", List.of("x", "w", "r"), "y"))
        .addNode(node("Split", List.of("fused"), "q").addOutput("k"))
        .addNode(node("MatMul", List.of("x", "k"), "z"))
        .addInitializer(bytes("codes", 3, new byte[32], 8, 4)).addInitializer(floats("s", new float[8], 8))
        .addNode(node("Slice", List.of("codes", "from", "to"), "few"))
        .addNode(node("DequantizeLinear", List.of("few", "s"), "d"));
    try (OnnxFile file = read(graph)) {
      assertEquals(new WeightAxes(0, 1), file.axes("ih"));
      assertEquals(new WeightAxes(0, 1), file.axes("hh"));
      assertEquals(new WeightAxes(1, 0), file.axes("fused"));
      assertTrue(file.isWeight("ih") && file.isWeight("fused"));
      assertEquals(List.of(), file.quantizedNames(), "scales of some of the rows are not those of all");
    }
  }

  /**
   * Half bytes that safetensors has no type for are what they were in the output, and in one made of that.
   */
  @Test
  void packedTypesKeepTypeAndShape() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().addInitializer(weight("w", 4, 4))
        .addInitializer(bytes("i4", TensorProto.DataType.INT4_VALUE, new byte[]{1, 2, 3}, 2, 3))
        .addInitializer(bytes("u4", TensorProto.DataType.UINT4_VALUE, new byte[]{1, 2, 3, 4, 5, 6}, 3, 4))
        .addInitializer(bytes("f4", 23, new byte[]{7, 8}, 3)).addNode(node("MatMul", List.of("x", "w"), "y"))
        .addInitializer(floats("i4_scale", new float[]{1, 2, 3, 4}, 4));
    Path model = Files.write(folder.resolve("m.onnx"), model(graph).build().toByteArray());
    Path first = folder.resolve("first.safetensors");
    Path second = folder.resolve("second.safetensors");
    NothingIsLost.quantize(model, first, QuantizationScheme.int8Dynamic());
    NothingIsLost.quantize(first, second, QuantizationScheme.int8Dynamic());
    for (Path path : List.of(first, second)) {
      try (WeightFile before = WeightFile.open(model); WeightFile after = WeightFile.open(path)) {
        for (String name : List.of("i4", "u4", "f4")) {
          assertEquals(before.tensor(name).toString(), after.tensor(name).toString());
        }
        FileComparison comparison = FileComparison.of(before, after, (name, done, total) -> {
        });
        assertEquals(List.of(), comparison.missing());
        assertEquals(List.of("w"), comparison.tensors().stream().filter(row -> row.noise() > 0)
            .map(FileComparison.Row::name).toList());
      }
    }
  }

  /** What the metadata says of bytes is held against them. */
  @Test
  void packedTypesThatDoNotFit() {
    for (String said : List.of("{\"packed\":\"I4\",\"shape\":[3,3]}", "{\"packed\":\"I4\",\"shape\":[-1]}",
        "{\"packed\":\"I4\",\"shape\":[4611686018427387904,2]}", "{\"packed\":\"I5\",\"shape\":[3]}",
        "{\"packed\":\"I4\"}")) {
      Path path = new TensorFiles().with("t", StoredType.U8, 3)
          .metadata("octet.quantization", "{\"t\":" + said + "}").write(folder.resolve("bad.safetensors"));
      assertThrows(MalformedFileException.class, () -> WeightFile.open(path), said);
    }
  }
}
