package dev.octet.quantize.file;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The head of a GGUF file as it grows. */
final class GgufOutput {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  int size() {
    return bytes.size();
  }

  byte[] toByteArray() {
    return bytes.toByteArray();
  }

  /** A key and its value. */
  void entry(String key, GgufValue value) {
    if (key.isEmpty()) {
      throw new IllegalArgumentException("metadata: expected keys that are not empty");
    }
    string(key);
    if (value.value() instanceof List<?> list) {
      number(GgufValue.Type.U32, GgufValue.Type.ARRAY);
      number(GgufValue.Type.U32, value.type().id());
      number(GgufValue.Type.U64, list.size());
      list.forEach(element -> single(value.type(), element));
    } else {
      number(GgufValue.Type.U32, value.type().id());
      single(value.type(), value.value());
    }
  }

  /** A tensor, at a byte of the data; dimensions innermost first. */
  void place(GgufWriter.Slot slot, long begin) {
    string(slot.name());
    number(GgufValue.Type.U32, slot.shape().rank());
    for (int axis = slot.shape().rank() - 1; axis >= 0; axis--) {
      number(GgufValue.Type.U64, slot.shape().dim(axis));
    }
    number(GgufValue.Type.U32, slot.type().id());
    number(GgufValue.Type.U64, begin);
  }

  /** An integer of as many bytes as the type has, little-endian. */
  void number(GgufValue.Type type, long value) {
    for (int i = 0; i < type.bytes(); i++) {
      bytes.write((int) (value >> (8 * i)));
    }
  }

  private void single(GgufValue.Type type, Object value) {
    switch (value) {
      case String text -> string(text);
      case Boolean flag -> number(type, flag ? 1 : 0);
      case Float number -> number(type, Float.floatToRawIntBits(number));
      case Double number -> number(type, Double.doubleToRawLongBits(number));
      case BigInteger number -> number(type, number.longValue());
      default -> number(type, (Long) value);
    }
  }

  private void string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    number(GgufValue.Type.U64, utf8.length);
    bytes.writeBytes(utf8);
  }
}
