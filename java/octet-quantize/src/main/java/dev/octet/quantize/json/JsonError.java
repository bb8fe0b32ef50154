package dev.octet.quantize.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.regex.Pattern;

/**
 * Describes what is wrong with a text that is no JSON, with its line and column, and without what the parser
 * says of itself: its notes on the source, which repeat the text or say that they do not, and names of its
 * settings.
 */
public final class JsonError {
  private static final Pattern SOURCE = Pattern.compile("\\[Source: .*?; (line: -?\\d+, column: -?\\d+)\\]",
      Pattern.DOTALL);
  private static final Pattern SETTING = Pattern.compile(", from `[\\w.()]*`");

  private JsonError() {}

  /**
   * Describes an error.
   *
   * @param e from a JSON parser, or from the decoder of its text
   * @return such as {@code Unexpected character ('1' (code 49)): ... (line 2, column 6)}
   */
  public static String text(IOException e) {
    if (e instanceof CharacterCodingException || e instanceof CharConversionException) {
      return "the text is not UTF-8";
    }
    if (!(e instanceof JsonProcessingException json)) {
      return String.valueOf(e.getMessage());
    }
    String message = SOURCE.matcher(String.valueOf(json.getOriginalMessage())).replaceAll("$1");
    JsonLocation at = json.getLocation();
    return SETTING.matcher(message).replaceAll("") + (at == null || at.getLineNr() < 0
        ? ""
        : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")");
  }
}
