package dev.octet.quantize.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonErrorTest {
  /** Parsers repeat the text in their messages, or say that they do not, by a setting and their version. */
  @Test
  void linesAndColumnsWithoutNotesOnTheSource() {
    for (boolean source : List.of(true, false)) {
      ObjectMapper json = new ObjectMapper(JsonFactory.builder()
          .configure(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION, source)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(2).build()).build());
      assertEquals("Unexpected character ('1' (code 49)): was expecting a colon to separate field name and "
          + "value (line 2, column 7)", error(json, "{\n  \"a\" 1}"));
      assertEquals("Unexpected end-of-input: expected close marker for Array (start marker at line: 1, "
          + "column: 7) (line 1, column: 12)".replace("column: 12", "column 12"),
          error(json, "{\"a\": [1, 2"));
      String deep = error(json, "[[[0]]]");
      assertEquals("Document nesting depth (3) exceeds the maximum allowed (2)", deep.substring(0,
          Math.min(deep.length(), 59)));
      assertEquals(-1, deep.indexOf('`'), deep);
    }
  }

  private static String error(ObjectMapper json, String text) {
    return JsonError.text(assertThrows(IOException.class, () -> json.readTree(text)));
  }

  @Test
  void otherErrors() {
    assertEquals("the text is not UTF-8", JsonError.text(new MalformedInputException(1)));
    assertEquals("closed", JsonError.text(new IOException("closed")));
    assertEquals("odd", JsonError.text(new JsonParseException(null, "odd")));
  }
}
