package dev.octet.quantize;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.octet.quantize.json.JsonError;

/** What the file forms of observers and moments have in common. */
final class SavedJson {
  /**
   * The largest count of rows, values or batches, 2^53: a double holds it exactly, and what is observed after
   * it or merged into it does not overflow.
   */
  static final long MOST = 1L << 53;
  private static final ObjectMapper JSON = new ObjectMapper()
      .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private SavedJson() {}

  /**
   * Parses the text of one object.
   *
   * @param what it is of, for the message
   */
  static JsonNode tree(String what, String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(what + ": no JSON: " + JsonError.text(e), e);
    }
  }

  /** Checks what an object says that it is; returns the tensor that it names. */
  static String tensor(String what, JsonNode root, String format, int version) {
    if (!root.path("format").asText().equals(format) || root.path("version").asInt() != version) {
      throw new IllegalArgumentException(what + ": expected format " + format + " version " + version
          + ", got " + root.path("format") + " version " + root.path("version"));
    }
    JsonNode tensor = root.path("tensor");
    require(tensor.isTextual(), what + ".tensor", "a name", tensor);
    return tensor.textValue();
  }

  /** The integer of a field. */
  static long integer(String what, JsonNode node, String field, long least, long most) {
    JsonNode value = node.path(field);
    require(value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= least
        && value.longValue() <= most, what + "." + field, "an integer from " + least + " to " + most, value);
    return value.longValue();
  }

  static void require(boolean condition, String field, String expected, Object got) {
    if (!condition) {
      throw new IllegalArgumentException(field + ": expected " + expected + ", got " + got);
    }
  }
}
