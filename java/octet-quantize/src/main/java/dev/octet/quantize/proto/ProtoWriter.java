package dev.octet.quantize.proto;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A protobuf message that is being written, field by field. Bytes that are given are not copied before the
 * end.
 */
public final class ProtoWriter {
  private final List<MemorySegment> parts = new ArrayList<>();
  private final ByteArrayOutputStream tail = new ByteArrayOutputStream();
  private long size;

  /**
   * Adds a number as a varint.
   *
   * @return this
   */
  public ProtoWriter number(int field, long value) {
    tag(field, ProtoMessage.VARINT);
    varint(value);
    return this;
  }

  /**
   * Adds a string.
   *
   * @return this
   */
  public ProtoWriter text(int field, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    tag(field, ProtoMessage.BYTES);
    varint(bytes.length);
    tail.writeBytes(bytes);
    size += bytes.length;
    return this;
  }

  /**
   * Adds bytes.
   *
   * @return this
   */
  public ProtoWriter bytes(int field, MemorySegment value) {
    tag(field, ProtoMessage.BYTES);
    varint(value.byteSize());
    return copy(value);
  }

  /**
   * Adds an embedded message, which is finished.
   *
   * @return this
   */
  public ProtoWriter message(int field, ProtoWriter value) {
    tag(field, ProtoMessage.BYTES);
    varint(value.size);
    value.parts().forEach(this::copy);
    return this;
  }

  /**
   * Adds whole fields of another message as they are.
   *
   * @return this
   */
  public ProtoWriter copy(MemorySegment fields) {
    flush();
    parts.add(fields);
    size += fields.byteSize();
    return this;
  }

  /** The bytes of the message so far. */
  public long size() {
    return size;
  }

  /** The message so far, one part behind the other. */
  public List<MemorySegment> parts() {
    flush();
    return List.copyOf(parts);
  }

  private void flush() {
    if (tail.size() > 0) {
      parts.add(MemorySegment.ofArray(tail.toByteArray()));
      tail.reset();
    }
  }

  private void tag(int field, int wireType) {
    varint(((long) field << 3) | wireType);
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      tail.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
      size++;
    }
    tail.write((int) rest);
    size++;
  }
}
