package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.value.ElementType;
import dev.octet.quantize.proto.TensorProto;
import dev.octet.quantize.proto.TensorType;

/** Tensors and types of files as the graph has them. */
public final class Tensors {
  private Tensors() {}

  /** The constant that a tensor of a file is. */
  public static Known known(TensorProto tensor) {
    return new Known(type(tensor.dataType()), tensor.shape().toArray(), tensor.data());
  }

  /** The element type of a number in ONNX; OTHER where no operator here takes it. */
  public static ElementType type(int dataType) {
    TensorType type = TensorType.of(dataType);
    return type == null ? ElementType.OTHER : switch (type) {
      case F32 -> ElementType.F32;
      case I64 -> ElementType.I64;
      case I32 -> ElementType.I32;
      case I8 -> ElementType.I8;
      case U8 -> ElementType.U8;
      case BOOL -> ElementType.BOOL;
      default -> ElementType.OTHER;
    };
  }
}
