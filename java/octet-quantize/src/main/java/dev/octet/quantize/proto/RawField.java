package dev.octet.quantize.proto;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A field of a message as it lies in a file, to be copied to another one.
 *
 * @param number of the field
 * @param whole its tag, its length where it has one, and its content
 * @param content the bytes of a string, bytes or an embedded message; empty for a number
 */
public record RawField(int number, MemorySegment whole, MemorySegment content) {
  private static final MemorySegment NONE = MemorySegment.ofArray(new byte[0]);

  /**
   * The fields of a message.
   *
   * @param message the message
   * @return its fields, in their order
   * @throws MalformedMessageException if it is none
   */
  public static List<RawField> of(MemorySegment message) {
    List<RawField> fields = new ArrayList<>();
    ProtoMessage cursor = new ProtoMessage(message);
    while (cursor.next()) {
      fields.add(new RawField(cursor.field(), cursor.whole(),
          cursor.wireType() == ProtoMessage.BYTES ? cursor.bytes() : NONE));
    }
    return fields;
  }

  /** The content as a name. */
  public String text() {
    ProtoMessage cursor = new ProtoMessage(whole);
    cursor.next();
    return cursor.text();
  }

  /** The content as a number. */
  public long value() {
    ProtoMessage cursor = new ProtoMessage(whole);
    cursor.next();
    return cursor.number();
  }
}
