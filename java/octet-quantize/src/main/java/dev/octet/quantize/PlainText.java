package dev.octet.quantize;

import java.util.Objects;

/**
 * Makes text of files, such as names of tensors, safe to print: characters that control a terminal, end a
 * line or change the direction of writing, and lone surrogates, are shown by their numbers.
 */
public final class PlainText {
  private PlainText() {}

  /**
   * Returns text for people.
   *
   * @param text any text
   * @return the text, with control and format characters, separators of lines and lone surrogates as
   *         {@code \}{@code u001b}
   */
  public static String of(String text) {
    Objects.requireNonNull(text, "text");
    StringBuilder plain = null;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (steers(c)) {
        plain = plain == null ? new StringBuilder(text.substring(0, i)) : plain;
        for (char unit : Character.toChars(c)) {
          plain.append(String.format("\\u%04x", (int) unit));
        }
      } else if (plain != null) {
        plain.appendCodePoint(c);
      }
    }
    return plain == null ? text : plain.toString();
  }

  /**
   * Returns text for people as HTML.
   *
   * @param text any text
   * @return the same as {@link #of} gives, for the content of an element or an attribute in quotation marks
   */
  public static String html(String text) {
    Objects.requireNonNull(text, "text");
    return of(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }

  private static boolean steers(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
        true;
      default -> false;
    };
  }
}
