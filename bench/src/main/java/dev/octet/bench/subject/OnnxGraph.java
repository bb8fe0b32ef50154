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
 * An ONNX model of one node or more, with its weights and parameters as initializers, which ONNX Runtime
 * packs beforehand. Operands, attributes and results are those of the node that was begun last.
 */
public final class OnnxGraph {
  private static final String MICROSOFT = "com.microsoft";

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("bench");
  private NodeProto.Builder node;

  private OnnxGraph(String domain, String op) {
    begin(domain, op);
  }

  /** A model that begins with an operator of the ONNX standard. */
  public static OnnxGraph standard(String op) {
    return new OnnxGraph("", op);
  }

  /** A model that begins with an operator of ONNX Runtime's own. */
  public static OnnxGraph microsoft(String op) {
    return new OnnxGraph(MICROSOFT, op);
  }

  /** Begins the next node, of an operator of the ONNX standard. */
  public OnnxGraph thenStandard(String op) {
    begin("", op);
    return this;
  }

  /** Begins the next node, of an operator of ONNX Runtime's own. */
  public OnnxGraph thenMicrosoft(String op) {
    begin(MICROSOFT, op);
    return this;
  }

  private void begin(String domain, String op) {
    node = graph.addNodeBuilder().setDomain(domain).setOpType(op);
  }

  /** The next operand: a result of an earlier node, or an input of the model that an earlier node took. */
  public OnnxGraph operand(String name) {
    node.addInput(name);
    return this;
  }

  /** The next result, for later nodes. */
  public OnnxGraph result(String name) {
    node.addOutput(name);
    return this;
  }

  /** The next operand: an input of the model. */
  public OnnxGraph input(String name, DataType type, long... shape) {
    graph.addInput(value(name, type, shape));
    return operand(name);
  }

  /** The next operand: an initializer. */
  public OnnxGraph constant(DataType type, MemorySegment data, long... shape) {
    String name = "c" + graph.getInitializerCount();
    graph.addInitializer(TensorProto.newBuilder().setName(name).setDataType(onnxType(type).getNumber())
        .addAllDims(LongStream.of(shape).boxed().toList())
        .setRawData(UnsafeByteOperations.unsafeWrap(data.toArray(JAVA_BYTE))));
    return operand(name);
  }

  /** The next operand: a float, or a vector of them. */
  public OnnxGraph floats(float... values) {
    return constant(DataType.F32, MemorySegment.ofArray(values), dims(values.length));
  }

  /** The next operand: an integer of a type, or a vector of as many; zero points. */
  public OnnxGraph integers(DataType type, int value, int count) {
    byte[] values = new byte[count];
    Arrays.fill(values, (byte) value);
    return constant(type, MemorySegment.ofArray(values), dims(count));
  }

  private static long[] dims(int length) {
    return length == 1 ? new long[0] : new long[]{length};
  }

  /** The next operand is left out. */
  public OnnxGraph absent() {
    node.addInput("");
    return this;
  }

  /** An attribute of the node. */
  public OnnxGraph attribute(String name, long value) {
    node.addAttribute(
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value));
    return this;
  }

  /** An attribute of the node. */
  public OnnxGraph attributes(String name, Integer... values) {
    node.addAttribute(AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS)
        .addAllInts(List.of(values).stream().map(Integer::longValue).toList()));
    return this;
  }

  /** The next result: an output of the model. */
  public OnnxGraph output(String name, DataType type, long... shape) {
    graph.addOutput(value(name, type, shape));
    return result(name);
  }

  /** The model as the bytes of a file. */
  public byte[] build() {
    return ModelProto.newBuilder().setIrVersion(10)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(21))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(MICROSOFT).setVersion(1))
        .setGraph(graph).build().toByteArray();
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
