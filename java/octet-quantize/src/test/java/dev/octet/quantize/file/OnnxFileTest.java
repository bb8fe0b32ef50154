package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Models made by protobuf's generated classes, read by the reader of this package. */
class OnnxFileTest {
  static ModelProto.Builder model(GraphProto.Builder graph) {
    return ModelProto.newBuilder().setIrVersion(10).setProducerName("test").setGraph(graph.setName("g"));
  }

  static OnnxFile read(GraphProto.Builder graph) {
    return OnnxFile.of(MemorySegment.ofArray(model(graph).build().toByteArray()));
  }

  static TensorProto.Builder tensor(String name, int type, long... dims) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type);
    for (long dim : dims) {
      tensor.addDims(dim);
    }
    return tensor;
  }

  static TensorProto.Builder floats(String name, float[] values, long... dims) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return tensor(name, TensorProto.DataType.FLOAT_VALUE, dims)
        .setRawData(ByteString.copyFrom(bytes.array()));
  }

  static TensorProto.Builder bytes(String name, int type, byte[] values, long... dims) {
    return tensor(name, type, dims).setRawData(ByteString.copyFrom(values));
  }

  static NodeProto.Builder node(String op, List<String> inputs, String output) {
    return NodeProto.newBuilder().setOpType(op).addAllInput(inputs).addOutput(output);
  }

  private static AttributeProto.Builder integer(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value);
  }

  @Test
  void typedDataOfEveryType() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    graph.addInitializer(
        tensor("f32", TensorProto.DataType.FLOAT_VALUE, 2).addFloatData(1.5f).addFloatData(-2));
    graph.addInitializer(tensor("f64", TensorProto.DataType.DOUBLE_VALUE, 1).addDoubleData(0.25));
    graph.addInitializer(
        tensor("i64", TensorProto.DataType.INT64_VALUE, 2).addInt64Data(-7).addInt64Data(1L << 40));
    graph.addInitializer(tensor("u64", TensorProto.DataType.UINT64_VALUE, 1).addUint64Data(9));
    graph.addInitializer(tensor("u32", TensorProto.DataType.UINT32_VALUE, 1).addUint64Data(0xffff_ffffL));
    graph.addInitializer(
        tensor("i32", TensorProto.DataType.INT32_VALUE, 2).addInt32Data(-70000).addInt32Data(5));
    graph.addInitializer(tensor("i16", TensorProto.DataType.INT16_VALUE, 1).addInt32Data(-300));
    graph.addInitializer(tensor("u16", TensorProto.DataType.UINT16_VALUE, 1).addInt32Data(65000));
    graph.addInitializer(tensor("i8", TensorProto.DataType.INT8_VALUE, 3).addInt32Data(-128).addInt32Data(0)
        .addInt32Data(127));
    graph.addInitializer(tensor("u8", TensorProto.DataType.UINT8_VALUE, 1).addInt32Data(255));
    graph.addInitializer(
        tensor("f16", TensorProto.DataType.FLOAT16_VALUE, 1).addInt32Data(Float.floatToFloat16(1.25f)));
    graph.addInitializer(tensor("bf16", TensorProto.DataType.BFLOAT16_VALUE, 1).addInt32Data(0x3fc0));
    graph.addInitializer(tensor("i4", 22, 3).addInt32Data(0x8f).addInt32Data(0x07));
    graph.addInitializer(
        tensor("text", TensorProto.DataType.STRING_VALUE, 1).addStringData(ByteString.copyFromUtf8("x")));
    graph.addInitializer(tensor("empty", TensorProto.DataType.FLOAT_VALUE, 0));
    try (OnnxFile file = read(graph)) {
      assertArrayEquals(new float[]{1.5f, -2}, file.tensor("f32").floats());
      assertArrayEquals(new float[]{0.25f}, file.tensor("f64").floats());
      assertEquals(1L << 40, file.tensor("i64").integer(1));
      assertEquals(-7, file.tensor("i64").integer(0));
      assertEquals(9, file.tensor("u64").integer(0));
      assertEquals(0xffff_ffffL, file.tensor("u32").integer(0));
      assertArrayEquals(new int[]{-70000, 5}, file.tensor("i32").ints());
      assertArrayEquals(new int[]{-300}, file.tensor("i16").ints());
      assertArrayEquals(new int[]{65000}, file.tensor("u16").ints());
      assertArrayEquals(new int[]{-128, 0, 127}, file.tensor("i8").ints());
      assertArrayEquals(new int[]{255}, file.tensor("u8").ints());
      assertArrayEquals(new float[]{1.25f}, file.tensor("f16").floats());
      assertArrayEquals(new float[]{1.5f}, file.tensor("bf16").floats());
      assertArrayEquals(new int[]{-1, -8, 7}, file.tensor("i4").ints());
      assertEquals(0, file.tensor("empty").floats().length);
      assertEquals(15, file.tensors().size());
      assertArrayEquals(new int[]{1, 0, 0, 0, 'x'}, file.tensor("text").ints());
      assertEquals("test", file.metadata().get("producer"));
    }
  }

  @Test
  void dequantizeLinearPerTensorChannelAndBlock() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    byte[] w = {1, 2, 3, 4, 5, 6, 7, 8};
    graph.addInitializer(bytes("t", TensorProto.DataType.INT8_VALUE, w, 2, 4));
    graph.addInitializer(floats("t_s", new float[]{0.5f}));
    graph.addNode(node("DequantizeLinear", List.of("t", "t_s"), "t_f"));
    graph.addInitializer(bytes("c", TensorProto.DataType.UINT8_VALUE, w, 2, 4));
    graph.addInitializer(floats("c_s", new float[]{1, 2, 3, 4}, 4));
    graph.addInitializer(bytes("c_z", TensorProto.DataType.UINT8_VALUE, new byte[]{0, 1, 2, (byte) 200}, 4));
    graph.addNode(
        node("DequantizeLinear", List.of("c", "c_s", "c_z"), "c_f").addAttribute(integer("axis", -1)));
    graph.addInitializer(bytes("b", 22, new byte[]{0x21, 0x43, 0x65, 0x07}, 4, 2));
    graph.addInitializer(floats("b_s", new float[]{1, 2, 3, 4}, 2, 2));
    graph.addNode(node("DequantizeLinear", List.of("b", "b_s"), "b_f").addAttribute(integer("axis", 0))
        .addAttribute(integer("block_size", 2)));
    graph.addNode(node("MatMul", List.of("x", "b_f"), "y"));
    graph.addNode(node("Transpose", List.of("c_f"), "c_t"));
    graph.addNode(node("MatMul", List.of("x", "c_t"), "y2"));
    try (OnnxFile file = read(graph)) {
      assertEquals(List.of("t", "c", "b"), file.quantizedNames());
      QTensor t = file.quantized("t");
      assertEquals(Granularity.PER_TENSOR, t.quantization().granularity());
      assertEquals(4f, t.real(7));
      QTensor c = file.quantized("c");
      assertEquals(1, c.quantization().axis());
      assertEquals((8 - 200) * 4f, c.real(7));
      QTensor b = file.quantized("b");
      assertEquals(DataType.S4, b.type());
      assertEquals(2, b.quantization().groupSize());
      assertEquals(0, b.quantization().axis());
      assertEquals(5 * 3f, b.real(4));
      assertEquals(1, file.outputAxis("b"), "[in][out]");
      assertEquals(0, file.outputAxis("c"), "transposed on its way");
      assertTrue(file.isParameter("c_z") && file.isParameter("c_s"));
      assertFalse(file.isParameter("c"));
    }
  }

  @Test
  void qLinearAndIntegerOperators() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    byte[] w = {1, 2, 3, 4, 5, 6};
    for (String name : List.of("mm", "gemm", "dyn", "int_quantized", "fl")) {
      graph.addInitializer(bytes(name, TensorProto.DataType.INT8_VALUE, w, 2, 3));
    }
    graph.addInitializer(bytes("conv", TensorProto.DataType.INT8_VALUE, w, 2, 3, 1, 1));
    graph.addInitializer(floats("s3", new float[]{1, 2, 3}, 3));
    graph.addInitializer(floats("s2", new float[]{1, 2}, 2));
    graph.addInitializer(floats("int_scale", new float[]{0.5f}, 1));
    graph.addInitializer(bytes("z", TensorProto.DataType.INT8_VALUE, new byte[1]));
    graph.addInitializer(bytes("z3", TensorProto.DataType.INT8_VALUE, new byte[]{1, 0, -1}, 3));
    graph.addNode(node("QLinearMatMul", List.of("a", "as", "az", "mm", "s3", "z3", "ys", "yz"), "y1"));
    graph.addNode(
        node("QGemm", List.of("a", "as", "az", "gemm", "s2", "", "", "ys"), "y2").setDomain("com.microsoft")
            .addAttribute(integer("transB", 1)));
    graph.addNode(node("QLinearConv", List.of("a", "as", "az", "conv", "s2", "", "ys", "yz"), "y3"));
    graph.addNode(
        node("DynamicQuantizeMatMul", List.of("a", "dyn", "s3", ""), "y4").setDomain("com.microsoft"));
    graph.addNode(node("MatMulInteger", List.of("a", "int_quantized", "az", "z"), "y5"));
    graph.addNode(
        node("MatMulIntegerToFloat", List.of("a", "fl", "as", "s3", "az"), "y6").setDomain("com.microsoft"));
    graph.addNode(node("DequantizeLinear", List.of("a", "computed"), "y7"));
    try (OnnxFile file = read(graph)) {
      assertEquals(List.of("mm", "gemm", "dyn", "int_quantized", "fl", "conv"), file.quantizedNames());
      assertEquals((6 + 1) * 3f, file.quantized("mm").real(5));
      assertEquals(0, file.quantized("gemm").quantization().axis());
      assertEquals(0, file.outputAxis("gemm"));
      assertEquals(12f, file.quantized("gemm").real(5));
      assertEquals(0, file.quantized("conv").quantization().axis());
      assertEquals(18f, file.quantized("dyn").real(5));
      assertEquals(3f, file.quantized("int_quantized").real(5));
      assertEquals(1, file.outputAxis("int_quantized"));
      assertEquals(18f, file.quantized("fl").real(5));
    }
  }

  @Test
  void weightsAreNamedAfterTheirBiases() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    for (String name : List.of("onnx::MatMul_1", "onnx::MatMul_2", "onnx::MatMul_3")) {
      graph.addInitializer(floats(name, new float[6], 2, 3));
    }
    graph.addInitializer(floats("a.bias", new float[3], 3));
    graph.addInitializer(floats("b.bias", new float[3], 3));
    graph.addInitializer(floats("b.weight", new float[3], 3));
    graph.addNode(node("MatMul", List.of("x", "onnx::MatMul_1"), "p1"));
    graph.addNode(node("Add", List.of("a.bias", "p1"), "y1"));
    graph.addNode(node("MatMul", List.of("x", "onnx::MatMul_2"), "p2"));
    graph.addNode(node("Add", List.of("p2", "b.bias"), "y2"));
    graph.addNode(node("Constant", List.of(), "k").addAttribute(AttributeProto.newBuilder().setName("value")
        .setType(AttributeProto.AttributeType.TENSOR).setT(floats("", new float[]{7}, 1))));
    try (OnnxFile file = read(graph)) {
      assertEquals(
          List.of("a.weight", "onnx::MatMul_2", "onnx::MatMul_3", "a.bias", "b.bias", "b.weight", "k"),
          file.tensors().stream().map(StoredTensor::name).toList());
      assertEquals(1, file.outputAxis("a.weight"));
      assertEquals(0, file.outputAxis("onnx::MatMul_3"), "nobody multiplies by it");
      assertEquals(7f, file.tensor("k").floats()[0]);
    }
  }

  @Test
  void dataThatDoNotFitAreNamed() {
    refused("expected 12 bytes", GraphProto.newBuilder().addInitializer(floats("w", new float[2], 3)));
    refused("expected 3 values", GraphProto.newBuilder()
        .addInitializer(tensor("w", TensorProto.DataType.FLOAT_VALUE, 3).addFloatData(1)));
    refused("in field", GraphProto.newBuilder()
        .addInitializer(tensor("w", TensorProto.DataType.FLOAT_VALUE, 1).addInt32Data(1)));
    refused("overflow", GraphProto.newBuilder()
        .addInitializer(tensor("w", TensorProto.DataType.FLOAT_VALUE, 1L << 40, 1L << 40)));
    refused(">= 0",
        GraphProto.newBuilder().addInitializer(tensor("w", TensorProto.DataType.FLOAT_VALUE, -1)));
    MalformedFileException e = assertThrows(MalformedFileException.class,
        () -> OnnxFile.of(MemorySegment.ofArray(new byte[0])));
    assertTrue(e.getMessage().contains("no graph"), e.getMessage());
    byte[] whole = model(GraphProto.newBuilder().addInitializer(floats("w", new float[8], 8))).build()
        .toByteArray();
    for (int cut = 1; cut < whole.length; cut++) {
      MemorySegment part = MemorySegment.ofArray(whole).asSlice(0, cut);
      assertThrows(MalformedFileException.class, () -> {
        OnnxFile.of(part).tensor("w");
        throw new MalformedFileException("cut where a field ends");
      });
    }
  }

  private static void refused(String message, GraphProto.Builder graph) {
    MalformedFileException e = assertThrows(MalformedFileException.class, () -> read(graph));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void badScalesAreNamed() {
    GraphProto.Builder graph = GraphProto.newBuilder()
        .addInitializer(bytes("w", TensorProto.DataType.INT8_VALUE, new byte[4], 2, 2))
        .addInitializer(floats("s", new float[]{1, Float.NaN}, 2))
        .addNode(node("DequantizeLinear", List.of("w", "s"), "y"));
    try (OnnxFile file = read(graph)) {
      MalformedFileException e = assertThrows(MalformedFileException.class, () -> file.quantized("w"));
      assertTrue(e.getMessage().contains("tensor w") && e.getMessage().contains("NaN"), e.getMessage());
      assertEquals(List.of(), file.quantizedNames(), "it blocks no other tensor");
      assertEquals(e.getMessage(), file.unreadable().get("w"));
    }
  }

  @Test
  void shapesAreThoseOfTheModel() {
    try (OnnxFile file = read(GraphProto.newBuilder().addInitializer(floats("s", new float[]{3}))
        .addInitializer(floats("c", new float[24], 2, 3, 4)))) {
      assertEquals(Shape.of(), file.tensor("s").shape());
      assertEquals(Shape.of(2, 3, 4), file.tensor("c").shape());
    }
  }
}
