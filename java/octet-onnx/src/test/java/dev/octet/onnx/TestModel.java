package dev.octet.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.io.ByteArrayInputStream;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;

/** Builds ONNX models of a few nodes in memory; names are separated by blanks, "-" leaves one out. */
final class TestModel {
  final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
  private final int opset;
  private final Set<String> domains = new TreeSet<>();

  TestModel(int opset) {
    this.opset = opset;
  }

  /** An input or output of unknown shape, with symbols, numbers, or null for a dimension. */
  private static ValueInfoProto value(String name, ElementType type, Object... dims) {
    TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder().setElemType(number(type));
    if (dims != null) {
      TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
      for (Object dim : dims) {
        TensorShapeProto.Dimension.Builder one = shape.addDimBuilder();
        if (dim instanceof Number number) {
          one.setDimValue(number.longValue());
        } else if (dim != null) {
          one.setDimParam((String) dim);
        }
      }
      tensor.setShape(shape);
    }
    return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  TestModel input(String name, ElementType type, Object... dims) {
    graph.addInput(value(name, type, dims));
    return this;
  }

  /** An output of a shape that the model does not say. */
  TestModel output(String name, ElementType type) {
    graph.addOutput(value(name, type, (Object[]) null));
    return this;
  }

  TestModel initializer(String name, Tensor tensor) {
    graph.addInitializer(proto(name, tensor));
    return this;
  }

  /** A node; a domain comes before its operator and a colon. */
  TestModel node(String op, String inputs, String outputs) {
    String type = op.substring(op.indexOf(':') + 1);
    String domain = op.substring(0, Math.max(0, op.indexOf(':')));
    domains.add(domain);
    NodeProto.Builder node = NodeProto.newBuilder().setDomain(domain).setOpType(type)
        .setName("the" + type + graph.getNodeCount());
    if (!inputs.isEmpty()) {
      Arrays.stream(inputs.split(" ")).forEach(name -> node.addInput(name.equals("-") ? "" : name));
    }
    Arrays.stream(outputs.split(" ")).forEach(name -> node.addOutput(name.equals("-") ? "" : name));
    graph.addNode(node);
    return this;
  }

  private AttributeProto.Builder attribute(String name, AttributeProto.AttributeType type) {
    return graph.getNodeBuilder(graph.getNodeCount() - 1).addAttributeBuilder().setName(name).setType(type);
  }

  TestModel attribute(String name, long value) {
    attribute(name, AttributeProto.AttributeType.INT).setI(value);
    return this;
  }

  TestModel attribute(String name, long... values) {
    attribute(name, AttributeProto.AttributeType.INTS).addAllInts(LongStream.of(values).boxed().toList());
    return this;
  }

  TestModel attribute(String name, float value) {
    attribute(name, AttributeProto.AttributeType.FLOAT).setF(value);
    return this;
  }

  TestModel attribute(String name, float[] values) {
    AttributeProto.Builder attribute = attribute(name, AttributeProto.AttributeType.FLOATS);
    for (float value : values) {
      attribute.addFloats(value);
    }
    return this;
  }

  TestModel attribute(String name, String value) {
    attribute(name, AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(value));
    return this;
  }

  TestModel attribute(String name, Tensor value) {
    attribute(name, AttributeProto.AttributeType.TENSOR).setT(proto("", value));
    return this;
  }

  TestModel attribute(String name, GraphProto value) {
    attribute(name, AttributeProto.AttributeType.GRAPH).setG(value);
    return this;
  }

  byte[] bytes() {
    ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(opset > 21 ? 10 : 8).setGraph(graph);
    domains.add("");
    domains.forEach(domain -> model.addOpsetImport(
        OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(domain.isEmpty() ? opset : 1)));
    return model.build().toByteArray();
  }

  OnnxModel open() {
    return OnnxModel.open(new ByteArrayInputStream(bytes()));
  }

  static TensorProto proto(String name, Tensor tensor) {
    return TensorProto.newBuilder().setName(name).setDataType(number(tensor.type()))
        .addAllDims(Arrays.stream(tensor.shape().toArray()).boxed().toList())
        .setRawData(ByteString.copyFrom(tensor.data().toArray(ValueLayout.JAVA_BYTE))).build();
  }

  static int number(ElementType type) {
    return switch (type) {
      case F32 -> 1;
      case U8 -> 2;
      case I8 -> 3;
      case I32 -> 6;
      case I64 -> 7;
      case BOOL -> 9;
      case OTHER -> 10;
    };
  }

  /** A vector of I64. */
  static Tensor vector(long... values) {
    return Tensor.longs(Shape.of(values.length), values);
  }

  static Map<String, Tensor> named(List<String> names, List<Tensor> tensors) {
    Map<String, Tensor> result = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      result.put(names.get(i), tensors.get(i));
    }
    return result;
  }

  /** Prepares a model and closes it: what it was read from is gone when the result runs. */
  static PreparedOnnx prepareAndClose(OnnxModel model, Octet octet, OnnxOptions options) {
    try (model) {
      return model.prepare(octet, options);
    }
  }
}
