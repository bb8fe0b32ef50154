package dev.octet.quantize.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;

/** JSON that anybody may have written, token by token: UTF-8, flat, with bounded names and numbers. */
final class JsonText {
  /** Of a text: what the reference implementation of safetensors takes for a header. */
  static final long MAX_BYTES = 100_000_000;
  /** Of a name, in chars. */
  static final int MAX_NAME = 10_000;
  /** Names are not interned: a table of them would outlive the file. */
  private static final JsonFactory JSON = JsonFactory.builder()
      .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).streamReadConstraints(StreamReadConstraints
          .builder().maxNestingDepth(3).maxNumberLength(20).maxStringLength((int) MAX_BYTES)
          .maxNameLength(MAX_NAME).build())
      .build();

  private JsonText() {}

  static JsonParser parser(byte[] text) throws IOException {
    return JSON.createParser(reader(text));
  }

  /**
   * The text of bytes that are UTF-8, after a byte order mark if there is one; a parser that is given bytes
   * takes some for UTF-16 or UTF-32.
   */
  static Reader reader(byte[] text) {
    int start = text.length >= 3 && text[0] == (byte) 0xef && text[1] == (byte) 0xbb && text[2] == (byte) 0xbf
        ? 3
        : 0;
    return new InputStreamReader(new ByteArrayInputStream(text, start, text.length - start),
        StandardCharsets.UTF_8.newDecoder());
  }

  static JsonGenerator generator(OutputStream out) throws IOException {
    return JSON.createGenerator(out);
  }

  /** Refuses a token of another kind. */
  static void expect(JsonParser json, JsonToken got, JsonToken expected, String what) throws IOException {
    if (got != expected) {
      throw new MalformedFileException(
          what + ": expected " + expected + ", got " + (got == null ? "the end" : json.getText()));
    }
  }
}
