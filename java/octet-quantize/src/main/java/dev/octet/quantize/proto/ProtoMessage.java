package dev.octet.quantize.proto;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A cursor over the fields of a protobuf message in memory. Embedded messages and bytes are slices, nothing
 * is copied, and a length that leaves the message is an exception: raw data of a mapped ONNX file is read in
 * place, which the generated classes of protobuf cannot do.
 */
final class ProtoMessage {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int BYTES = 2;
  static final int FIXED32 = 5;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment memory;
  private long at;
  /** Where the field begins. */
  private long from;
  private int field;
  private int wireType;
  private long number;
  private MemorySegment bytes;

  ProtoMessage(MemorySegment memory) {
    this.memory = memory;
  }

  /** Reads the next field; false at the end of the message. */
  boolean next() {
    if (at == memory.byteSize()) {
      return false;
    }
    from = at;
    long tag = varint();
    field = (int) (tag >>> 3);
    wireType = (int) (tag & 7);
    if (tag >>> 32 != 0 || field == 0) {
      throw new MalformedMessageException("protobuf: no field has tag " + Long.toUnsignedString(tag));
    }
    switch (wireType) {
      case VARINT -> number = varint();
      case FIXED64 -> number = memory.get(LONG, advance(8));
      case FIXED32 -> number = memory.get(INT, advance(4));
      case BYTES -> {
        long length = varint();
        if (length < 0) {
          throw new MalformedMessageException("protobuf: field " + field + " has a negative length");
        }
        bytes = memory.asSlice(advance(length), length);
      }
      default -> throw new MalformedMessageException(
          "protobuf: field " + field + " has wire type " + wireType + ", which is none");
    }
    return true;
  }

  /** A cursor at the start of the same message. */
  ProtoMessage again() {
    return new ProtoMessage(memory);
  }

  int field() {
    return field;
  }

  int wireType() {
    return wireType;
  }

  /** The value of a numeric field. */
  long number() {
    if (wireType == BYTES) {
      throw new MalformedMessageException("protobuf: expected a number in field " + field + ", got bytes");
    }
    return number;
  }

  /** The value of a field of bytes. */
  MemorySegment bytes() {
    if (wireType != BYTES) {
      throw new MalformedMessageException("protobuf: expected bytes in field " + field + ", got a number");
    }
    return bytes;
  }

  /** The whole field: tag, length and content. */
  MemorySegment whole() {
    return memory.asSlice(from, at - from);
  }

  /** An embedded message. */
  ProtoMessage message() {
    return new ProtoMessage(bytes());
  }

  /** A string; names are short. */
  String text() {
    if (bytes().byteSize() > 1 << 20) {
      throw new MalformedMessageException(
          "protobuf: expected a string of at most 1 MB in field " + field + ", got " + bytes.byteSize());
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toArray(ValueLayout.JAVA_BYTE)))
          .toString();
    } catch (CharacterCodingException e) {
      throw new MalformedMessageException("protobuf: no UTF-8 in field " + field, e);
    }
  }

  /** A string of any length that names nothing; what is no UTF-8 in it becomes U+FFFD. */
  String prose() {
    if (bytes().byteSize() > Integer.MAX_VALUE - 8) {
      throw new MalformedMessageException(
          "protobuf: expected a string of less than 2 GB in field " + field + ", got " + bytes.byteSize());
    }
    return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  /** The next varint, where a field is a packed row of them. */
  long varint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      byte b = memory.get(ValueLayout.JAVA_BYTE, advance(1));
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new MalformedMessageException("protobuf: a varint of more than 10 bytes");
  }

  /** The next four bytes, where a field is a packed row of them. */
  int fixed32() {
    return memory.get(INT, advance(4));
  }

  boolean atEnd() {
    return at == memory.byteSize();
  }

  private long advance(long count) {
    if (count > memory.byteSize() - at) {
      throw new MalformedMessageException("protobuf: expected " + count + " bytes more, there are "
          + (memory.byteSize() - at));
    }
    long from = at;
    at += count;
    return from;
  }
}
