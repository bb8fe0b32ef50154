package dev.octet.quantize.file;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.octet.Shape;
import dev.octet.quantize.json.JsonError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file as text and as values. Held to the rules of the reference implementation:
 * UTF-8 JSON that starts with a brace; every range is as long as type and shape say, where the type is known;
 * the ranges cover the data from its first byte to its last, without holes or overlap.
 *
 * @param entries the tensors, by name, in the order of the header
 * @param metadata the text of {@code __metadata__}
 */
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata) {
  /** As the reference implementation has it. */
  static final long MAX_BYTES = JsonText.MAX_BYTES;
  static final String METADATA = "__metadata__";
  /** More than any real tensor has; keeps a shape from being a list of millions. */
  private static final int MAX_RANK = 64;

  /**
   * A tensor's place.
   *
   * @param type the element type
   * @param shape the shape
   * @param begin first byte, counted from the end of the header
   * @param end behind the last byte
   * @param typeName what the header calls the type
   */
  record Entry(StoredType type, Shape shape, long begin, long end, String typeName) {
    /** Of a type that is known. */
    Entry(StoredType type, Shape shape, long begin, long end) {
      this(type, shape, begin, end, type.name());
    }
  }

  /**
   * Reads a header.
   *
   * @param text the bytes after the length
   * @param dataBytes how many bytes follow the header
   */
  static SafetensorsHeader parse(byte[] text, long dataBytes) {
    if (text.length == 0 || text[0] != '{') {
      throw new MalformedFileException("header: expected JSON that starts with {");
    }
    try (JsonParser json = JsonText.parser(text)) {
      Map<String, Entry> entries = new LinkedHashMap<>();
      Map<String, String> metadata = Map.of();
      JsonText.expect(json, json.nextToken(), JsonToken.START_OBJECT, "header: the header");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonText.expect(json, json.nextToken(), JsonToken.START_OBJECT, "header: " + name);
        if (name.equals(METADATA)) {
          metadata = metadata(json);
        } else if (entries.put(name, entry(json, name)) != null) {
          throw new MalformedFileException("header: tensor " + name + " is there twice");
        }
      }
      if (json.nextToken() != null) {
        throw new MalformedFileException("header: expected nothing but blanks after the last brace");
      }
      checkCover(entries, dataBytes);
      return new SafetensorsHeader(Collections.unmodifiableMap(entries), metadata);
    } catch (IOException e) {
      throw new MalformedFileException("header: no JSON in UTF-8: " + JsonError.text(e), e);
    }
  }

  private static Map<String, String> metadata(JsonParser json) throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      JsonText.expect(json, json.nextToken(), JsonToken.VALUE_STRING, "header: " + METADATA + "." + key);
      metadata.put(key, json.getText());
    }
    return Collections.unmodifiableMap(metadata);
  }

  private static Entry entry(JsonParser json, String name) throws IOException {
    String type = null;
    long[] shape = null;
    long[] offsets = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      json.nextToken();
      switch (key) {
        case "dtype" -> {
          JsonText.expect(json, json.currentToken(), JsonToken.VALUE_STRING, "header: " + name + ".dtype");
          type = json.getText();
        }
        case "shape" -> shape = longs(json, name + ".shape", MAX_RANK);
        case "data_offsets" -> offsets = longs(json, name + ".data_offsets", 2);
        default -> throw new MalformedFileException(
            "tensor " + name + ": expected dtype, shape and data_offsets, got " + key);
      }
    }
    if (type == null || shape == null || offsets == null || offsets.length != 2) {
      throw new MalformedFileException("tensor " + name + ": expected dtype, shape and two data_offsets");
    }
    Shape checked;
    try {
      checked = Shape.of(shape);
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException("tensor " + name + ": " + e.getMessage(), e);
    }
    return place(name, type, checked, offsets);
  }

  /** Of a type that is not known the range is taken as it is: that no other one overlaps it is seen later. */
  private static Entry place(String name, String typeName, Shape shape, long[] offsets) {
    StoredType type = StoredType.named(typeName);
    boolean ascend = offsets[0] <= offsets[1];
    if (type == StoredType.OTHER) {
      if (!ascend) {
        throw new MalformedFileException("tensor " + name + ": expected data_offsets that ascend, got "
            + Arrays.toString(offsets));
      }
    } else if (!ascend || offsets[1] - offsets[0] != type.bytes(shape)
        || shape.elements() * type.bits() % 8 != 0) {
      throw new MalformedFileException("tensor " + name + ": " + type + " " + shape + " takes "
          + type.bytes(shape) + " bytes, its data_offsets are " + Arrays.toString(offsets));
    }
    return new Entry(type, shape, offsets[0], offsets[1], typeName);
  }

  private static long[] longs(JsonParser json, String what, int most) throws IOException {
    JsonText.expect(json, json.currentToken(), JsonToken.START_ARRAY, "header: " + what);
    long[] values = new long[most];
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      JsonText.expect(json, json.currentToken(), JsonToken.VALUE_NUMBER_INT, "header: " + what);
      if (count == most) {
        throw new MalformedFileException(what + ": expected at most " + most + " integers");
      }
      long value = json.getLongValue();
      if (value < 0) {
        throw new MalformedFileException(what + ": expected integers >= 0, got " + value);
      }
      values[count++] = value;
    }
    return Arrays.copyOf(values, count);
  }

  private static void checkCover(Map<String, Entry> entries, long dataBytes) {
    List<Map.Entry<String, Entry>> byPlace = new ArrayList<>(entries.entrySet());
    byPlace.sort(Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin)
        .thenComparingLong(e -> e.getValue().end));
    long end = 0;
    for (Map.Entry<String, Entry> entry : byPlace) {
      if (entry.getValue().begin != end) {
        throw new MalformedFileException("tensor " + entry.getKey() + ": begins at byte "
            + entry.getValue().begin + " of the data, expected " + end + ", where the one before it ends");
      }
      end = entry.getValue().end;
    }
    if (end != dataBytes) {
      throw new MalformedFileException(
          "data: the tensors take " + end + " bytes, the file has " + dataBytes + " after its header");
    }
  }

  /**
   * The bytes of this header, padded with blanks so that with the 8 bytes of the length before them the data
   * begins at a multiple of 64.
   */
  byte[] toBytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JsonText.generator(out)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      for (Map.Entry<String, Entry> entry : entries.entrySet()) {
        Entry place = entry.getValue();
        json.writeObjectFieldStart(entry.getKey());
        json.writeStringField("dtype", place.typeName);
        json.writeFieldName("shape");
        json.writeArray(place.shape.toArray(), 0, place.shape.rank());
        json.writeFieldName("data_offsets");
        json.writeArray(new long[]{place.begin, place.end}, 0, 2);
        json.writeEndObject();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    while (out.size() % 64 != 56) {
      out.write(' ');
    }
    return out.toByteArray();
  }
}
