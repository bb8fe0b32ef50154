package dev.octet.quantize.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.octet.quantize.json.JsonError;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * JSON that Octet keeps in the metadata of a safetensors file: an object of objects. Anybody may have written
 * it: a name that is there twice is refused at both levels, since the one that a parser drops may be what
 * keeps scales from being taken for weights.
 */
final class MetadataText {
  static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
      .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).streamReadConstraints(StreamReadConstraints
          .builder().maxNestingDepth(4).maxNumberLength(20).maxNameLength(JsonText.MAX_NAME).build())
      .build());

  private MetadataText() {}

  /**
   * Reads a text.
   *
   * @param key of the text in the metadata, for messages
   * @param text an object of objects
   * @return the objects by name, in their order
   * @throws MalformedFileException naming the key, and the object that is there twice or is none
   */
  static Map<String, ObjectNode> parse(String key, String text) {
    try (JsonParser json = JSON.createParser(text)) {
      Map<String, ObjectNode> objects = new LinkedHashMap<>();
      String where = "metadata " + key;
      expectObject(json, json.nextToken(), where);
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        expectObject(json, json.nextToken(), where + ": " + name);
        if (objects.put(name, members(json, where + ": " + name)) != null) {
          throw new MalformedFileException(where + ": " + name + " is there twice");
        }
      }
      if (json.nextToken() != null) {
        throw new MalformedFileException(where + ": expected nothing after the last brace");
      }
      return objects;
    } catch (IOException e) {
      throw new MalformedFileException("metadata " + key + ": no JSON: " + JsonError.text(e), e);
    }
  }

  private static ObjectNode members(JsonParser json, String where) throws IOException {
    ObjectNode object = JSON.createObjectNode();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      JsonNode value = json.readValueAsTree();
      if (object.replace(name, value) != null) {
        throw new MalformedFileException(where + ": " + name + " is there twice");
      }
    }
    return object;
  }

  private static void expectObject(JsonParser json, JsonToken got, String where) throws IOException {
    if (got != JsonToken.START_OBJECT) {
      throw new MalformedFileException(
          where + ": expected an object, got " + (got == null ? "nothing" : json.getText()));
    }
  }
}
