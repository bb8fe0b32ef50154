package dev.octet.testing;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.octet.DataType;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Builds ONNX models of a few nodes in memory. Everything, weights and quantization parameters too, is an
 * input of the graph and of unknown shape, so that one session serves cases of every size.
 */
final class OnnxModel {
  /** The opset that the conformance cases are of. */
  private static final int OPSET = 21;
  /** Domain of the operators that ONNX Runtime adds. */
  private static final String MICROSOFT = "com.microsoft";

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");

  /** A graph input. */
  OnnxModel input(String name, DataType type) {
    graph.addInput(value(name, type));
    return this;
  }

  /** A graph output. */
  OnnxModel output(String name, DataType type) {
    graph.addOutput(value(name, type));
    return this;
  }

  /** A node of the ONNX standard; names are separated by blanks, "-" leaves an optional input out. */
  OnnxModel node(String op, String inputs, String outputs) {
    return node("", op, inputs, outputs);
  }

  /** A node of ONNX Runtime's own operators. */
  OnnxModel microsoftNode(String op, String inputs, String outputs) {
    return node(MICROSOFT, op, inputs, outputs);
  }

  /** An attribute of the latest node. */
  OnnxModel attribute(String name, long value) {
    return attribute(AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT)
        .setI(value));
  }

  /** An attribute of the latest node. */
  OnnxModel attribute(String name, long... values) {
    return attribute(AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS)
        .addAllInts(LongStream.of(values).boxed().toList()));
  }

  /** An attribute of the latest node. */
  OnnxModel attribute(String name, float value) {
    return attribute(AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.FLOAT)
        .setF(value));
  }

  /** An attribute of the latest node. */
  OnnxModel attribute(String name, String value) {
    return attribute(AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value)));
  }

  /** An attribute of the latest node that names a type, as Cast's "to". */
  OnnxModel attribute(String name, DataType type) {
    return attribute(name, (long) onnxType(type).getNumber());
  }

  /** The serialized model; equal models have equal bytes. */
  ByteString build() {
    return ModelProto.newBuilder().setIrVersion(10)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(MICROSOFT).setVersion(1))
        .setGraph(graph).build().toByteString();
  }

  private OnnxModel node(String domain, String op, String inputs, String outputs) {
    NodeProto.Builder node = NodeProto.newBuilder().setDomain(domain).setOpType(op)
        .addAllOutput(Arrays.asList(outputs.split(" ")));
    for (String input : inputs.split(" ", -1)) {
      node.addInput(input.equals("-") ? "" : input);
    }
    graph.addNode(node);
    return this;
  }

  private OnnxModel attribute(AttributeProto.Builder attribute) {
    graph.getNodeBuilder(graph.getNodeCount() - 1).addAttribute(attribute);
    return this;
  }

  private static ValueInfoProto value(String name, DataType type) {
    return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder()
        .setTensorType(TypeProto.Tensor.newBuilder().setElemType(onnxType(type).getNumber()))).build();
  }

  private static TensorProto.DataType onnxType(DataType type) {
    return switch (type) {
      case U8 -> TensorProto.DataType.UINT8;
      case S8 -> TensorProto.DataType.INT8;
      case U4 -> TensorProto.DataType.UINT4;
      case S4 -> TensorProto.DataType.INT4;
      case S32 -> TensorProto.DataType.INT32;
      case F32 -> TensorProto.DataType.FLOAT;
    };
  }
}
