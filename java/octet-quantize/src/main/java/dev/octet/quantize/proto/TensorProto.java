package dev.octet.quantize.proto;

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
 *
 * @param name the name
 * @param dataType the number of its element type in ONNX
 * @param shape the shape
 * @param data exactly the tensor's elements, little-endian; of strings, each after its length in four bytes
 */
public record TensorProto(String name, int dataType, Shape shape, MemorySegment data) {
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

  /** The element type; null where ONNX has none of that number that Octet knows. */
  public TensorType type() {
    return TensorType.of(dataType);
  }

  /**
   * Reads a TensorProto.
   *
   * @param message the TensorProto
   * @param name the name; null where the message has it
   * @param files where external data lie
   * @return the tensor
   */
  static TensorProto read(ProtoMessage message, String name, ExternalData files) {
    Reader reader = new Reader();
    while (message.next()) {
      reader.field(message);
    }
    if (name != null) {
      reader.name = name;
    }
    try {
      Shape shape = Shape.of(Arrays.copyOf(reader.dims, reader.rank));
      TensorType type = TensorType.of(reader.dataType);
      MemorySegment data = type == null || type.isOpaque()
          ? reader.opaque(type, shape, files)
          : reader.data(type, shape, files);
      return new TensorProto(reader.name, reader.dataType, shape, data.asReadOnly());
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new MalformedMessageException("tensor " + reader.name + ": " + e.getMessage(), e);
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

  /** A tensor while its fields are read. */
  private static final class Reader {
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

    private void field(ProtoMessage message) {
      switch (message.field()) {
        case DIMS -> dims(message);
        case DATA_TYPE -> dataType = (int) message.number();
        case SEGMENT -> throw new MalformedMessageException("tensor " + name + ": is cut into segments");
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
        throw new MalformedMessageException(
            "tensor " + name + ": expected at most " + MAX_RANK + " dimensions >= 0, got " + dim);
      }
      if (rank == dims.length) {
        dims = Arrays.copyOf(dims, MAX_RANK);
      }
      dims[rank++] = dim;
    }

    private void typed(ProtoMessage message) {
      if (typedField != 0 && typedField != message.field()) {
        throw new MalformedMessageException("tensor " + name + ": has data of two types");
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
        throw new MalformedMessageException("tensor " + name + ": typed data of more than 2 GB");
      }
      return (int) bytes;
    }

    private void grow(int bytes) {
      if (bytes > typed.length) {
        typed = Arrays.copyOf(typed, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(64L, bytes * 3L / 2)));
      }
    }

    private MemorySegment data(TensorType type, Shape shape, ExternalData files) {
      long bytes = type.bytes(shape);
      MemorySegment stored = isExternal
          ? files.range(external, bytes)
          : raw == null ? decoded(type, shape, bytes) : raw;
      if (stored.byteSize() != bytes) {
        throw new MalformedMessageException(
            "expected " + bytes + " bytes for " + type + " " + shape + ", got " + stored.byteSize());
      }
      return stored;
    }

    private MemorySegment decoded(TensorType type, Shape shape, long bytes) {
      int expected = switch (type) {
        case F32, C64 -> FLOAT_DATA;
        case F64 -> DOUBLE_DATA;
        case I64 -> INT64_DATA;
        case U32, U64 -> UINT64_DATA;
        default -> INT32_DATA;
      };
      if (typedField != 0 && typedField != expected) {
        throw new MalformedMessageException("data of type " + type + " in field " + typedField);
      }
      int width = expected == FLOAT_DATA || expected == INT32_DATA ? 4 : 8;
      int stored = expected == FLOAT_DATA || expected == DOUBLE_DATA ? width : Math.max(1, type.bits() / 8);
      if (typedBytes / width != bytes / stored || typedBytes % width != 0) {
        throw new MalformedMessageException("expected " + bytes / stored + " values for " + type + " " + shape
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
    private MemorySegment opaque(TensorType type, Shape shape, ExternalData files) {
      int bits = type == null ? 0 : type.bits();
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
        throw new MalformedMessageException(
            "expected " + bytes + " bytes for " + TensorType.name(dataType) + " " + shape
                + ", got " + data.byteSize());
      }
      if (bits == 0 && data.byteSize() == 0 && shape.elements() > 0) {
        throw new MalformedMessageException(
            "expected data of element type " + TensorType.name(dataType) + " for " + shape + ", got none");
      }
      return data;
    }
  }
}
