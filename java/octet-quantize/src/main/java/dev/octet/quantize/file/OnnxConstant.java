package dev.octet.quantize.file;

import dev.octet.Shape;
import dev.octet.quantize.proto.AttributeProto;
import dev.octet.quantize.proto.ExternalData;
import dev.octet.quantize.proto.SparseTensorProto;
import dev.octet.quantize.proto.TensorProto;
import dev.octet.quantize.proto.TensorType;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A constant of a model. The bytes of UINT2, INT2, COMPLEX128 and types to come are U8 of one dimension, and
 * so are strings, each after its length in four bytes. A sparse tensor is three of them: {@code NAME}, the
 * values that are not 0; {@code NAME_indices}, I64, where they are; {@code NAME_shape}, I64, the shape of the
 * whole.
 *
 * @param tensor the tensor
 * @param opaque the name of its element type, where no {@link StoredType} is it and the tensor holds bytes;
 *        null for others
 * @param whole the name of the sparse tensor that it is a part of beside the values; null for others
 */
record OnnxConstant(StoredTensor tensor, String opaque, String whole) {
  private static final String SPARSE = "sparse";

  /** A dense tensor. */
  static OnnxConstant of(TensorProto tensor) {
    TensorType type = tensor.type();
    if (type == null || type.isOpaque()) {
      return bytes(tensor.name(), tensor.data(), TensorType.name(tensor.dataType()));
    }
    return new OnnxConstant(stored(tensor), null, null);
  }

  /** The three parts of a sparse tensor. */
  static List<OnnxConstant> parts(SparseTensorProto sparse) {
    StoredTensor values = of(sparse.values()).tensor;
    String name = values.name();
    return List.of(new OnnxConstant(values, SPARSE, null),
        new OnnxConstant(of(sparse.indices()).tensor, null, name),
        new OnnxConstant(longs(name + "_shape", Shape.of(sparse.dims().size()),
            sparse.dims().stream().mapToLong(Long::longValue).toArray()).tensor, null, name));
  }

  /** All tensors that an attribute holds. */
  static List<OnnxConstant> tensors(AttributeProto attribute, String as, ExternalData files) {
    List<OnnxConstant> all = new ArrayList<>();
    attribute.tensors(as, files).forEach(tensor -> all.add(of(tensor)));
    attribute.sparseTensors(as, files, all.size()).forEach(tensor -> all.addAll(parts(tensor)));
    return all;
  }

  /** What a Constant node with an attribute is, under a name. */
  static List<OnnxConstant> ofNode(AttributeProto attribute, String as, ExternalData files) {
    return switch (attribute.name()) {
      case "value", "sparse_value" -> tensors(attribute, as, files);
      case "value_int" ->
        List.of(longs(as, Shape.of(), attribute.integer() == null ? 0 : attribute.integer()));
      case "value_ints" ->
        List.of(longs(as, Shape.of(attribute.integers().length), attribute.integers()));
      case "value_float" -> List.of(floats(as, Shape.of(), attribute.real() == null ? 0 : attribute.real()));
      case "value_floats" -> List.of(floats(as, Shape.of(attribute.floats().length), attribute.floats()));
      case "value_string" -> List.of(strings(as, List.of(attribute.string())));
      case "value_strings" -> List.of(strings(as, attribute.strings()));
      default -> List.of();
    };
  }

  private static StoredTensor stored(TensorProto tensor) {
    return new StoredTensor(tensor.name(), StoredType.valueOf(tensor.type().name()), tensor.shape(),
        tensor.data());
  }

  private static OnnxConstant bytes(String name, MemorySegment bytes, String type) {
    return new OnnxConstant(new StoredTensor(name, StoredType.U8, Shape.of(bytes.byteSize()), bytes), type,
        null);
  }

  private static OnnxConstant longs(String as, Shape shape, long... values) {
    byte[] bytes = new byte[8 * values.length];
    little(bytes).asLongBuffer().put(values);
    return new OnnxConstant(new StoredTensor(as, StoredType.I64, shape, MemorySegment.ofArray(bytes)), null,
        null);
  }

  private static OnnxConstant floats(String as, Shape shape, float... values) {
    byte[] bytes = new byte[4 * values.length];
    little(bytes).asFloatBuffer().put(values);
    return new OnnxConstant(new StoredTensor(as, StoredType.F32, shape, MemorySegment.ofArray(bytes)), null,
        null);
  }

  /** Each after its length in four bytes. */
  private static OnnxConstant strings(String as, List<MemorySegment> texts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (MemorySegment text : texts) {
      byte[] length = new byte[4];
      little(length).putInt((int) text.byteSize());
      bytes.writeBytes(length);
      bytes.writeBytes(text.toArray(ValueLayout.JAVA_BYTE));
    }
    return bytes(as, MemorySegment.ofArray(bytes.toByteArray()), TensorType.STRING.name());
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
