package dev.octet.quantize.file;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** GGUF files byte by byte, right ones and wrong ones. */
final class GgufBytes {
  private final List<byte[]> values = new ArrayList<>();
  private final List<byte[]> infos = new ArrayList<>();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private int alignment = 32;

  GgufBytes alignment(int bytes) {
    alignment = bytes;
    return this;
  }

  /** A key with a type's number and the bytes of its value. */
  GgufBytes value(String key, int type, byte[] bytes) {
    values.add(concat(string(key), le(4, type), bytes));
    return this;
  }

  GgufBytes text(String key, String value) {
    return value(key, 8, string(value));
  }

  /** An array of count elements. */
  GgufBytes array(String key, int type, long count, byte[] bytes) {
    return value(key, 9, concat(le(4, type), le(8, count), bytes));
  }

  /** A tensor at the next place of the data. */
  GgufBytes tensor(String name, int type, byte[] bytes, long... dims) {
    while (data.size() % alignment != 0) {
      data.write(0);
    }
    info(name, type, data.size(), dims);
    data.writeBytes(bytes);
    return this;
  }

  /** The place of a tensor alone; dimensions innermost first, as the file has them. */
  GgufBytes info(String name, int type, long offset, long... dims) {
    byte[] bytes = concat(string(name), le(4, dims.length));
    for (long dim : dims) {
      bytes = concat(bytes, le(8, dim));
    }
    infos.add(concat(bytes, le(4, type), le(8, offset)));
    return this;
  }

  byte[] bytes() {
    return bytes(3, infos.size(), values.size());
  }

  byte[] bytes(int version, long tensors, long keys) {
    byte[] head = concat("GGUF".getBytes(StandardCharsets.US_ASCII), le(4, version), le(8, tensors),
        le(8, keys));
    head = concat(head, concat(values.toArray(byte[][]::new)), concat(infos.toArray(byte[][]::new)));
    return concat(head, new byte[Math.floorMod(-head.length, alignment)], data.toByteArray());
  }

  GgufFile file() {
    return GgufFile.of(MemorySegment.ofArray(bytes()));
  }

  /** An integer of that many bytes, little-endian. */
  static byte[] le(int bytes, long value) {
    byte[] all = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    return Arrays.copyOf(all, bytes);
  }

  static byte[] string(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return concat(le(8, bytes.length), bytes);
  }

  static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
