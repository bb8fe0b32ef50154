package dev.octet.quantize.file;

import static dev.octet.quantize.file.OnnxFileTest.bytes;
import static dev.octet.quantize.file.OnnxFileTest.floats;
import static dev.octet.quantize.file.OnnxFileTest.model;
import static dev.octet.quantize.file.OnnxFileTest.node;
import static dev.octet.quantize.file.OnnxFileTest.tensor;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.octet.testing.FuzzTarget;
import dev.octet.testing.Fuzzing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** ONNX models, beside a file of external data that is always the same. */
final class OnnxTarget implements FuzzTarget {
  private static final String DATA = "data.bin";

  @Override
  public List<byte[]> seeds(Path folder) {
    List<byte[]> seeds = new ArrayList<>(inMemory());
    seeds.add(external());
    return seeds;
  }

  /** Those that need no file of external data. */
  static List<byte[]> inMemory() {
    return List.of(qdq(), typed(), bodies(), otherForms(), constants());
  }

  @Override
  public void run(byte[] input, Path folder) throws IOException {
    if (!Files.exists(folder.resolve(DATA))) {
      Files.write(folder.resolve(DATA), new byte[256]);
    }
    Path model = Files.write(folder.resolve("model.onnx"), input);
    Fuzzing.bounded(input, () -> WholeFile.use(model, folder.resolve("out.safetensors")));
  }

  private static byte[] qdq() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    graph.addInitializer(bytes("w", TensorProto.DataType.INT8_VALUE, new byte[24], 4, 6));
    graph.addInitializer(floats("s", new float[]{1, 2, 3, 4, 5, 6}, 6));
    graph.addInitializer(bytes("z", TensorProto.DataType.INT8_VALUE, new byte[6], 6));
    graph.addNode(node("DequantizeLinear", List.of("w", "s", "z"), "f").addAttribute(
        AttributeProto.newBuilder().setName("axis").setType(AttributeProto.AttributeType.INT).setI(1)));
    graph.addInitializer(floats("f32", new float[12], 3, 4));
    graph.addInitializer(floats("l.bias", new float[4], 4));
    graph.addNode(node("MatMul", List.of("x", "f32"), "p"));
    graph.addNode(node("Add", List.of("p", "l.bias"), "y"));
    return model(graph).build().toByteArray();
  }

  private static byte[] typed() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    graph.addInitializer(tensor("a", TensorProto.DataType.FLOAT_VALUE, 3)
        .addAllFloatData(List.of(1f, 2f, 3f)));
    graph.addInitializer(tensor("b", TensorProto.DataType.INT8_VALUE, 2, 3)
        .addAllInt32Data(List.of(1, -2, 3, -4, 5, -6)));
    graph.addInitializer(tensor("c", TensorProto.DataType.INT64_VALUE, 2)
        .addAllInt64Data(List.of(-1L, 1L << 50)));
    graph.addInitializer(tensor("s", TensorProto.DataType.FLOAT_VALUE, 1).addFloatData(0.5f));
    graph.addNode(node("QLinearMatMul", List.of("x", "s", "", "b", "s", "", "s", ""), "y"));
    graph.addNode(node("Constant", List.of(), "k").addAttribute(
        AttributeProto.newBuilder().setName("value").setType(AttributeProto.AttributeType.TENSOR)
            .setT(tensor("", TensorProto.DataType.DOUBLE_VALUE, 1).addDoubleData(3))));
    return model(graph).build().toByteArray();
  }

  /** Constants of a branch and of a function, transposed, and a weight that is one of two. */
  private static byte[] bodies() {
    GraphProto.Builder then = GraphProto.newBuilder().setName("t")
        .addInitializer(floats("w", new float[8], 4, 2)).addNode(node("Identity", List.of("w"), "r"));
    then.addOutputBuilder().setName("r");
    GraphProto.Builder otherwise = GraphProto.newBuilder().setName("e")
        .addInitializer(floats("w", new float[8], 4, 2))
        .addNode(node("Cast", List.of("w"), "r"));
    otherwise.addOutputBuilder().setName("r");
    GraphProto.Builder graph = GraphProto.newBuilder()
        .addNode(NodeProto.newBuilder().setName("n").setOpType("If").addInput("c").addOutput("o")
            .addAttribute(body("then_branch", then)).addAttribute(body("else_branch", otherwise)))
        .addNode(node("MatMul", List.of("x", "o"), "y"))
        .addNode(node("Layer", List.of("y", "v"), "z").setDomain("d"))
        .addInitializer(floats("v", new float[6], 2, 3));
    FunctionProto.Builder function = FunctionProto.newBuilder().setName("Layer").setDomain("d").addInput("a")
        .addInput("b").addOutput("r")
        .addNode(node("Transpose", List.of("b"), "t").addAttribute(AttributeProto.newBuilder()
            .setName("perm").setType(AttributeProto.AttributeType.INTS).addInts(1).addInts(0)))
        .addNode(node("Gemm", List.of("a", "t"), "r").addAttribute(integer("transB", 1)));
    return model(graph).addFunctions(function).build().toByteArray();
  }

  private static AttributeProto.Builder body(String name, GraphProto.Builder graph) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.GRAPH).setG(graph);
  }

  private static AttributeProto.Builder integer(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value);
  }

  /** Integers with scales behind them, packed nibbles, types that are not read. */
  private static byte[] otherForms() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    graph.addInitializer(bytes("w_quantized", TensorProto.DataType.UINT8_VALUE, new byte[6], 2, 3));
    graph.addInitializer(floats("w_scale", new float[]{1, 2, 3}, 3));
    graph.addNode(node("MatMulInteger", List.of("x", "w_quantized"), "p"));
    graph.addNode(node("Mul", List.of("p", "w_scale"), "q"));
    graph.addInitializer(bytes("b", TensorProto.DataType.UINT8_VALUE, new byte[16], 2, 1, 8));
    graph.addInitializer(floats("bs", new float[]{1, 2}, 2));
    graph.addNode(node("MatMulNBits", List.of("q", "b", "bs"), "r").setDomain("com.microsoft"));
    graph.addInitializer(bytes("i4", 22, new byte[4], 4, 2))
        .addInitializer(floats("i4s", new float[4], 2, 2));
    graph.addNode(node("DequantizeLinear", List.of("i4", "i4s"), "f").addAttribute(integer("axis", 0))
        .addAttribute(integer("block_size", 2)));
    graph.addNode(node("Gather", List.of("f", "i"), "g"));
    graph.addInitializer(bytes("u2", 25, new byte[2], 2, 3)).addInitializer(bytes("f4", 23, new byte[2], 3));
    graph.addInitializer(tensor("s", 8, 1).addStringData(ByteString.copyFromUtf8("ab")));
    graph.addInitializer(floats("lstm", new float[24], 1, 8, 3));
    graph.addNode(node("LSTM", List.of("g", "lstm"), "h"));
    return model(graph).build().toByteArray();
  }

  /** A sparse weight, constants of every kind, a weight that is put together from slices. */
  private static byte[] constants() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    graph.addSparseInitializer(SparseTensorProto.newBuilder().addDims(4).addDims(5)
        .setValues(floats("sparse", new float[]{1, 2}, 2)).setIndices(
            tensor("", TensorProto.DataType.INT64_VALUE, 2).addInt64Data(3).addInt64Data(9)));
    graph.addInitializer(floats("w", new float[24], 8, 3));
    graph.addNode(node("Constant", List.of(), "axes")
        .addAttribute(AttributeProto.newBuilder().setName("value_ints").addInts(0)));
    graph.addNode(node("Constant", List.of(), "texts").addAttribute(
        AttributeProto.newBuilder().setName("value_strings").addStrings(ByteString.copyFromUtf8("text"))));
    graph.addNode(node("Constant", List.of(), "numbers")
        .addAttribute(AttributeProto.newBuilder().setName("value_floats").addFloats(1).addFloats(2)));
    graph.addNode(node("Slice", List.of("w", "from", "to"), "part"));
    graph.addNode(node("Concat", List.of("part", "w"), "whole"));
    graph.addNode(node("Unsqueeze", List.of("whole", "axes"), "stack"));
    graph.addNode(node("LSTM", List.of("x", "stack"), "y"));
    graph.addNode(node("MatMul", List.of("y", "sparse"), "z"));
    return model(graph).build().toByteArray();
  }

  private static byte[] external() {
    TensorProto.Builder weight = tensor("w", TensorProto.DataType.FLOAT_VALUE, 4, 3)
        .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    Map.of("location", DATA, "offset", "64", "length", "48").forEach(
        (key, value) -> weight.addExternalData(
            StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model(GraphProto.newBuilder().addInitializer(weight)
        .addNode(node("MatMul", List.of("x", "w"), "y"))).build().toByteArray();
  }
}
