package dev.octet.quantize.file;

import dev.octet.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A TensorProto. Raw data stays where it is; typed data, whose integers are varints, is decoded into memory
 * of its own, at most eight bytes for each byte of the file; external data is mapped, from a file beside the
 * model only.
 */
final class OnnxTensor {
  private static final int DIMS = 1;
  private static final int DATA_TYPE = 2;
  private static final int SEGMENT = 3;
  private static final int FLOAT_DATA = 4;
  private static final int INT32_DATA = 5;
  private static final int STRING_DATA = 6;
  private static final int INT64_DATA = 7;
  private static final int NAME = 8;
  private static final int RAW_DATA = 9;
  private static final int DOUBLE_DATA = 10;
  private static final int UINT64_DATA = 11;
  private static final int EXTERNAL_DATA = 13;
  private static final int DATA_LOCATION = 14;
  private static final int MAX_RANK = 64;
  /** Element types that Octet copies and does not read. */
  private static final int STRING = 8;
  private static final int COMPLEX128 = 15;
  private static final int UINT2 = 25;
  private static final int INT2 = 26;

  private String name = "";
  private long[] dims = new long[4];
  private int rank;
  private int dataType;
  private MemorySegment raw;
  private final Map<String, String> external = new HashMap<>();
  private boolean isExternal;
  /** The field of typed data and what it holds, little-endian, so many bytes a value. */
  private int typedField;
  private byte[] typed = new byte[0];
  private int typedBytes;

  private OnnxTensor() {}

  /**
   * A constant of a model.
   *
   * @param tensor the tensor
   * @param opaque the name of its element type, where no {@link StoredType} is it and the tensor holds bytes;
   *        null for others
   * @param whole the name of the sparse tensor that it is a part of beside the values; null for others
   */
  record Constant(StoredTensor tensor, String opaque, String whole) {
    static Constant of(StoredTensor tensor) {
      return new Constant(tensor, null, null);
    }

    static Constant bytes(String name, MemorySegment bytes, String type) {
      return new Constant(new StoredTensor(name, StoredType.U8, Shape.of(bytes.byteSize()), bytes), type,
          null);
    }
  }

  /**
   * Reads a TensorProto.
   *
   * @param message the TensorProto
   * @param name the name; null where the message has it
   * @param files where external data lie
   * @return the tensor; the bytes of UINT2, INT2, COMPLEX128 and types to come are U8 of one dimension, and
   *         so are strings, each after its length in four bytes
   */
  static Constant read(ProtoMessage message, String name, ExternalData files) {
    OnnxTensor tensor = new OnnxTensor();
    while (message.next()) {
      tensor.field(message);
    }
    if (name != null) {
      tensor.name = name;
    }
    StoredType type = type(tensor.dataType);
    try {
      Shape shape = Shape.of(Arrays.copyOf(tensor.dims, tensor.rank));
      if (type != null) {
        return Constant.of(new StoredTensor(tensor.name, type, shape, tensor.data(type, shape, files)));
      }
      return Constant.bytes(tensor.name, tensor.opaque(shape, files), opaqueName(tensor.dataType));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new MalformedFileException("tensor " + tensor.name + ": " + e.getMessage(), e);
    }
  }

  private void field(ProtoMessage message) {
    switch (message.field()) {
      case DIMS -> dims(message);
      case DATA_TYPE -> dataType = (int) message.number();
      case SEGMENT -> throw new MalformedFileException("tensor " + name + ": is cut into segments");
      case FLOAT_DATA, INT32_DATA, INT64_DATA, DOUBLE_DATA, UINT64_DATA -> typed(message);
      case STRING_DATA -> text(message.bytes());
      case NAME -> name = message.text();
      case RAW_DATA -> raw = message.bytes();
      case EXTERNAL_DATA -> entry(message.message(), external);
      case DATA_LOCATION -> isExternal = message.number() == 1;
      default -> {
        // documentation and what later versions add
      }
    }
  }

  private void dims(ProtoMessage message) {
    if (message.wireType() != ProtoMessage.BYTES) {
      dim(message.number());
      return;
    }
    ProtoMessage packed = message.message();
    while (!packed.atEnd()) {
      dim(packed.varint());
    }
  }

  private void dim(long dim) {
    if (rank == MAX_RANK || dim < 0) {
      throw new MalformedFileException(
          "tensor " + name + ": expected at most " + MAX_RANK + " dimensions >= 0, got " + dim);
    }
    if (rank == dims.length) {
      dims = Arrays.copyOf(dims, MAX_RANK);
    }
    dims[rank++] = dim;
  }

  private void typed(ProtoMessage message) {
    if (typedField != 0 && typedField != message.field()) {
      throw new MalformedFileException("tensor " + name + ": has data of two types");
    }
    typedField = message.field();
    int width = switch (typedField) {
      case FLOAT_DATA, INT32_DATA -> 4;
      default -> 8;
    };
    boolean fixed = typedField == FLOAT_DATA || typedField == DOUBLE_DATA;
    if (message.wireType() != ProtoMessage.BYTES) {
      add(message.number(), width);
      return;
    }
    MemorySegment bytes = message.bytes();
    if (fixed) {
      int count = size(typedBytes + bytes.byteSize());
      grow(count);
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, typed, typedBytes, count - typedBytes);
      typedBytes = count;
    } else {
      ProtoMessage packed = message.message();
      while (!packed.atEnd()) {
        add(packed.varint(), width);
      }
    }
  }

  private void add(long value, int width) {
    grow(size((long) typedBytes + width));
    for (int i = 0; i < width; i++) {
      typed[typedBytes++] = (byte) (value >>> (8 * i));
    }
  }

  private void text(MemorySegment string) {
    typedField = STRING_DATA;
    int length = size(string.byteSize());
    add(length, 4);
    grow(size((long) typedBytes + length));
    MemorySegment.copy(string, ValueLayout.JAVA_BYTE, 0, typed, typedBytes, length);
    typedBytes += length;
  }

  private int size(long bytes) {
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new MalformedFileException("tensor " + name + ": typed data of more than 2 GB");
    }
    return (int) bytes;
  }

  private void grow(int bytes) {
    if (bytes > typed.length) {
      typed = Arrays.copyOf(typed, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(64L, bytes * 3L / 2)));
    }
  }

  /** Reads a StringStringEntryProto. */
  static void entry(ProtoMessage message, Map<String, String> entries) {
    String key = "";
    String value = "";
    while (message.next()) {
      if (message.field() == 1) {
        key = message.prose();
      } else if (message.field() == 2) {
        value = message.prose();
      }
    }
    entries.put(key, value);
  }

  private MemorySegment data(StoredType type, Shape shape, ExternalData files) {
    long bytes = type.bytes(shape);
    if (isExternal) {
      return files.range(external, bytes);
    }
    if (raw != null) {
      return raw;
    }
    int expected = switch (type) {
      case F32, C64 -> FLOAT_DATA;
      case F64 -> DOUBLE_DATA;
      case I64 -> INT64_DATA;
      case U32, U64 -> UINT64_DATA;
      default -> INT32_DATA;
    };
    if (typedField != 0 && typedField != expected) {
      throw new MalformedFileException("data of type " + type + " in field " + typedField);
    }
    int width = expected == FLOAT_DATA || expected == INT32_DATA ? 4 : 8;
    int stored = expected == FLOAT_DATA || expected == DOUBLE_DATA ? width : Math.max(1, type.bits() / 8);
    if (typedBytes / width != bytes / stored || typedBytes % width != 0) {
      throw new MalformedFileException("expected " + bytes / stored + " values for " + type + " " + shape
          + ", got " + typedBytes / width);
    }
    if (stored == width) {
      return MemorySegment.ofArray(typed).asSlice(0, typedBytes);
    }
    byte[] narrow = new byte[(int) bytes];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = typed[i / stored * width + i % stored];
    }
    return MemorySegment.ofArray(narrow);
  }

  /** The bytes of elements that are copied and never read. */
  private MemorySegment opaque(Shape shape, ExternalData files) {
    long bits = switch (dataType) {
      case COMPLEX128 -> 128;
      case UINT2, INT2 -> 2;
      default -> 0;
    };
    long bytes = Math.ceilDiv(Math.multiplyExact(shape.elements(), bits), 8);
    MemorySegment data = isExternal ? files.range(external, bytes) : raw;
    if (data == null && typedField == INT32_DATA) {
      // A byte of packed elements in each.
      byte[] narrow = new byte[typedBytes / 4];
      for (int i = 0; i < narrow.length; i++) {
        narrow[i] = typed[4 * i];
      }
      data = MemorySegment.ofArray(narrow);
    } else if (data == null) {
      data = MemorySegment.ofArray(typed).asSlice(0, typedBytes);
    }
    if (bits > 0 && data.byteSize() != bytes) {
      throw new MalformedFileException(
          "expected " + bytes + " bytes for " + opaqueName(dataType) + " " + shape
              + ", got " + data.byteSize());
    }
    if (bits == 0 && data.byteSize() == 0 && shape.elements() > 0) {
      throw new MalformedFileException(
          "expected data of element type " + opaqueName(dataType) + " for " + shape + ", got none");
    }
    return data;
  }

  private static String opaqueName(int dataType) {
    return switch (dataType) {
      case STRING -> "STRING";
      case COMPLEX128 -> "COMPLEX128";
      case UINT2 -> "UINT2";
      case INT2 -> "INT2";
      default -> "type " + dataType;
    };
  }

  private static StoredType type(int dataType) {
    return switch (dataType) {
      case 1 -> StoredType.F32;
      case 2 -> StoredType.U8;
      case 3 -> StoredType.I8;
      case 4 -> StoredType.U16;
      case 5 -> StoredType.I16;
      case 6 -> StoredType.I32;
      case 7 -> StoredType.I64;
      case 9 -> StoredType.BOOL;
      case 10 -> StoredType.F16;
      case 11 -> StoredType.F64;
      case 12 -> StoredType.U32;
      case 13 -> StoredType.U64;
      case 14 -> StoredType.C64;
      case 16 -> StoredType.BF16;
      case 17 -> StoredType.F8_E4M3;
      case 18 -> StoredType.F8_E4M3FNUZ;
      case 19 -> StoredType.F8_E5M2;
      case 20 -> StoredType.F8_E5M2FNUZ;
      case 21 -> StoredType.U4;
      case 22 -> StoredType.I4;
      case 23 -> StoredType.F4;
      case 24 -> StoredType.F8_E8M0;
      default -> null; // those of opaqueName
    };
  }
}
