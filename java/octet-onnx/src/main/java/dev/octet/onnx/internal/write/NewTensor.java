package dev.octet.onnx.internal.write;

import dev.octet.onnx.value.ElementType;
import dev.octet.quantize.proto.ProtoWriter;
import java.lang.foreign.MemorySegment;

/**
 * A constant that a file gets.
 *
 * @param name its name
 * @param type F32, I32, I8, U8 or I64
 * @param dims its dimensions
 * @param data its elements, little-endian
 */
record NewTensor(String name, ElementType type, long[] dims, MemorySegment data) {
  static final int DIMS = 1;
  static final int DATA_TYPE = 2;
  static final int NAME = 8;
  static final int RAW_DATA = 9;

  /** Floats, of a shape; a scalar where none is said. */
  static NewTensor floats(String name, float[] values, long... dims) {
    // Of bytes: only those of the heap can be written to a file as they are.
    return new NewTensor(name, ElementType.F32, dims,
        MemorySegment.ofArray(new byte[4 * values.length]).copyFrom(MemorySegment.ofArray(values)));
  }

  /** A scalar of 8 bits. */
  static NewTensor bytes(String name, ElementType type, byte value) {
    return new NewTensor(name, type, new long[0], MemorySegment.ofArray(new byte[]{value}));
  }

  /** The TensorProto. */
  ProtoWriter proto() {
    ProtoWriter writer = new ProtoWriter();
    for (long dim : dims) {
      writer.number(DIMS, dim);
    }
    return writer.number(DATA_TYPE, number(type)).text(NAME, name).bytes(RAW_DATA, data);
  }

  /** The ValueInfoProto of the constant as an input of the graph. */
  ProtoWriter input() {
    ProtoWriter shape = new ProtoWriter();
    for (long dim : dims) {
      shape.message(1, new ProtoWriter().number(1, dim));
    }
    ProtoWriter tensor = new ProtoWriter().number(1, number(type)).message(2, shape);
    return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, tensor));
  }

  private static int number(ElementType type) {
    return switch (type) {
      case F32 -> 1;
      case U8 -> 2;
      case I8 -> 3;
      case I32 -> 6;
      case I64 -> 7;
      case BOOL, OTHER -> throw new IllegalArgumentException(type.name());
    };
  }
}
