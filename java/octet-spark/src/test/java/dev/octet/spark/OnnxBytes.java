package dev.octet.spark;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;

/** An ONNX model of two inputs and two outputs. */
final class OnnxBytes {
  private static final int FLOAT = 1;

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
