package dev.octet.spark;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;

/** An ONNX model of two inputs and two outputs. */
final class OnnxBytes {
  private static final int FLOAT = 1;
  private static final int OCTET = 2;
  static final int BLOCK = 32;

  private OnnxBytes() {}

  /**
   * The bytes of {@code z = a w, y = relu(z) + b}.
   *
   * @param weights {@code [in][out]}
   * @param in features of a
   * @param out features of b
   * @param batch the symbol of the first dimension of both; empty: it is 1
   * @param dynamic whether all of a is quantized by its range
   */
  static byte[] sum(float[] weights, int in, int out, String batch, boolean dynamic) {
    TensorProto.Builder w = TensorProto.newBuilder().setName("w").setDataType(FLOAT).addDims(in).addDims(out);
    for (float weight : weights) {
      w.addFloatData(weight);
    }
    GraphProto.Builder graph = GraphProto.newBuilder().setName("test").addInitializer(w)
        .addInput(value("a", batch, in)).addInput(value("b", batch, out)).addOutput(value("y", batch, out))
        .addOutput(value("z", batch, out));
    if (dynamic) {
      graph.addNode(node("DynamicQuantizeLinear", List.of("a"), List.of("i", "s", "p")))
          .addNode(node("DequantizeLinear", List.of("i", "s", "p"), List.of("x")));
    }
    graph.addNode(node("MatMul", List.of(dynamic ? "x" : "a", "w"), List.of("z")))
        .addNode(node("Relu", List.of("z"), List.of("r")))
        .addNode(node("Add", List.of("r", "b"), List.of("y")));
    return ModelProto.newBuilder().setIrVersion(8).setGraph(graph)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13)).build().toByteArray();
  }

  /**
   * The bytes of {@code y = a w} with weights of 4 bits in blocks of 32, over a batch.
   *
   * @param weights two to a byte, {@code [out][in]}
   * @param scales one for each block
   */
  static byte[] blocks(byte[] weights, float[] scales, int in, int out) {
    TensorProto.Builder w = TensorProto.newBuilder().setName("w").setDataType(OCTET).addDims(out)
        .addDims(in / BLOCK).addDims(BLOCK / 2).setRawData(ByteString.copyFrom(weights));
    TensorProto.Builder s = TensorProto.newBuilder().setName("s").setDataType(FLOAT).addDims(scales.length);
    for (float scale : scales) {
      s.addFloatData(scale);
    }
    NodeProto.Builder product = NodeProto.newBuilder().setOpType("MatMulNBits").setDomain("com.microsoft")
        .setName("product").addAllInput(List.of("a", "w", "s")).addOutput("y").addAttribute(number("K", in))
        .addAttribute(number("N", out)).addAttribute(number("bits", 4))
        .addAttribute(number("block_size", BLOCK));
    return ModelProto.newBuilder().setIrVersion(8)
        .setGraph(GraphProto.newBuilder().setName("test").addInitializer(w).addInitializer(s).addNode(product)
            .addInput(value("a", "n", in)).addOutput(value("y", "n", out)))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1)).build()
        .toByteArray();
  }

  /**
   * The bytes of a model whose first constant, of floats, is in a file beside it.
   *
   * @param location of the file
   */
  static byte[] withData(byte[] model, String location) {
    try {
      ModelProto.Builder changed = ModelProto.parseFrom(model).toBuilder();
      changed.getGraphBuilder().getInitializerBuilder(0).clearFloatData()
          .setDataLocation(TensorProto.DataLocation.EXTERNAL)
          .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue(location));
      return changed.build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static AttributeProto number(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value)
        .build();
  }

  private static NodeProto node(String op, List<String> inputs, List<String> outputs) {
    return NodeProto.newBuilder().setOpType(op).setName("the" + op).addAllInput(inputs).addAllOutput(outputs)
        .build();
  }

  private static ValueInfoProto value(String name, String batch, int features) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    if (batch.isEmpty()) {
      shape.addDimBuilder().setDimValue(1);
    } else {
      shape.addDimBuilder().setDimParam(batch);
    }
    shape.addDimBuilder().setDimValue(features);
    return ValueInfoProto.newBuilder().setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(FLOAT).setShape(shape)))
        .build();
  }
}
