package dev.octet.quantize.file;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads the head of a GGUF file from its first byte on, and never behind its last one. */
final class GgufCursor {
  private final MemorySegment file;
  private long at;
  private String part = "GGUF";

  GgufCursor(MemorySegment file) {
    this.file = file;
  }

  /** Names what is read from here on, for messages. */
  void part(String name) {
    part = name;
  }

  /** The place of the next byte. */
  long at() {
    return at;
  }

  /** How many bytes there are from here on. */
  long left() {
    return file.byteSize() - at;
  }

  MalformedFileException refusal(String message) {
    return new MalformedFileException(part + ": " + message);
  }

  /** A number or boolean. */
  Object value(GgufValue.Type type) {
    long from = take(type.bytes());
    requireBooleans(type, from, 1);
    return GgufNumbers.at(type, file, from);
  }

  /** An unsigned integer of 32 bits. */
  long u32() {
    return (Long) value(GgufValue.Type.U32);
  }

  /**
   * A count or size, unsigned 64 bits.
   *
   * @param what it counts, for the message
   * @param bytes the fewest that each takes in what is left of the file
   */
  long count(String what, long bytes) {
    long count = (Long) value(GgufValue.Type.I64);
    if (count < 0 || count > left() / bytes) {
      throw refusal("expected at most " + left() / bytes + " " + what + " in the " + left()
          + " bytes that are left of the file, got " + Long.toUnsignedString(count));
    }
    return count;
  }

  /**
   * A string.
   *
   * @param strict whether bytes that are no UTF-8 are refused; otherwise they become U+FFFD
   */
  String string(boolean strict) {
    long length = length(count("bytes of a string", 1), 1);
    byte[] bytes = bytes(length);
    if (!strict) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedFileException(part + ": expected a name in UTF-8", e);
    }
  }

  /** Numbers or booleans, that many. */
  GgufNumbers numbers(GgufValue.Type type, long count) {
    requireBooleans(type, at, count);
    return new GgufNumbers(type, bytes(length(count, type.bytes())));
  }

  private void requireBooleans(GgufValue.Type type, long from, long count) {
    for (long i = from; type == GgufValue.Type.BOOL && i < from + count; i++) {
      byte value = file.get(ValueLayout.JAVA_BYTE, i);
      if (value != 0 && value != 1) {
        throw refusal("expected a boolean of 0 or 1, got " + (value & 0xff));
      }
    }
  }

  private long length(long count, long bytes) {
    if (count > (Integer.MAX_VALUE - 8) / bytes) {
      throw refusal("expected less than 2 GB, got " + count + " times " + bytes + " bytes");
    }
    return count * bytes;
  }

  private byte[] bytes(long count) {
    return file.asSlice(take(count), count).toArray(ValueLayout.JAVA_BYTE);
  }

  private long take(long bytes) {
    if (bytes > left()) {
      throw refusal("expected " + bytes + " bytes from byte " + at + " on, the file has " + file.byteSize());
    }
    long from = at;
    at += bytes;
    return from;
  }
}
