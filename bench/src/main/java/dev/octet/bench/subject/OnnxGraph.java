package dev.octet.bench.subject;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.UnsafeByteOperations;
import dev.octet.DataType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * An ONNX model of one node, with its weights and parameters as initializers, which ONNX Runtime packs
 * beforehand.
 */
final class OnnxGraph {
  private static final String MICROSOFT = "com.microsoft";

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("bench");
  private final NodeProto.Builder node;

  private OnnxGraph(String domain, String op) {
    this.node = NodeProto.newBuilder().setDomain(domain).setOpType(op);
  }

  /** An operator of the ONNX standard. */
  static OnnxGraph standard(String op) {
    return new OnnxGraph("", op);
  }

  /** An operator of ONNX Runtime's own. */
  static OnnxGraph microsoft(String op) {
    return new OnnxGraph(MICROSOFT, op);
  }

  /** The next operand: an input of the model. */
  OnnxGraph input(String name, DataType type, long... shape) {
    graph.addInput(value(name, type, shape));
    node.addInput(name);
    return this;
  }

  /** The next operand: an initializer. */
  OnnxGraph constant(DataType type, MemorySegment data, long... shape) {
    String name = "c" + graph.getInitializerCount();
    graph.addInitializer(TensorProto.newBuilder().setName(name).setDataType(onnxType(type).getNumber())
        .addAllDims(LongStream.of(shape).boxed().toList())
        .setRawData(UnsafeByteOperations.unsafeWrap(data.toArray(JAVA_BYTE))));
    node.addInput(name);
    return this;
  }

  /** The next operand: a float, or a vector of them. */
  OnnxGraph floats(float... values) {
    return constant(DataType.F32, MemorySegment.ofArray(values), dims(values.length));
  }

  /** The next operand: an integer of a type, or a vector of as many; zero points. */
  OnnxGraph integers(DataType type, int value, int count) {
    byte[] values = new byte[count];
    Arrays.fill(values, (byte) value);
    return constant(type, MemorySegment.ofArray(values), dims(count));
  }

  private static long[] dims(int length) {
    return length == 1 ? new long[0] : new long[]{length};
  }

  /** The next operand is left out. */
  OnnxGraph absent() {
    node.addInput("");
    return this;
  }

  /** An attribute of the node. */
  OnnxGraph attribute(String name, long value) {
    node.addAttribute(
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value));
    return this;
  }

  /** An attribute of the node. */
  OnnxGraph attributes(String name, Integer... values) {
    node.addAttribute(AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS)
        .addAllInts(List.of(values).stream().map(Integer::longValue).toList()));
    return this;
  }

  /** The next result: an output of the model. */
  OnnxGraph output(String name, DataType type, long... shape) {
    graph.addOutput(value(name, type, shape));
    node.addOutput(name);
    return this;
  }

  byte[] build() {
    return ModelProto.newBuilder().setIrVersion(10)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(21))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(MICROSOFT).setVersion(1))
        .setGraph(graph.addNode(node)).build().toByteArray();
  }

  private static ValueInfoProto value(String name, DataType type, long... shape) {
    TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder().setElemType(onnxType(type).getNumber());
    for (long dim : shape) {
      tensor.getShapeBuilder().addDimBuilder().setDimValue(dim);
    }
    // An empty shape is a scalar, not an unknown one.
    tensor.getShapeBuilder();
    return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  private static TensorProto.DataType onnxType(DataType type) {
    return switch (type) {
      case U8 -> TensorProto.DataType.UINT8;
      case S8 -> TensorProto.DataType.INT8;
      case S32 -> TensorProto.DataType.INT32;
      case F32 -> TensorProto.DataType.FLOAT;
      case U4, S4 -> throw new IllegalArgumentException("no tensors of " + type);
    };
  }
}
