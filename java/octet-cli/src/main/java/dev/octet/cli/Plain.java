package dev.octet.cli;

/**
 * Text of files, such as names of tensors, as a terminal may have it: characters that steer a terminal or
 * turn the direction of writing are shown by their numbers, and what looks like markup of colours is none.
 */
final class Plain {
  private Plain() {}

  /** Text with control characters, separators of lines, and overrides of direction as {@code \\u001b}. */
  static String text(String text) {
    StringBuilder plain = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean markup = c == '@' && i + 1 < text.length() && text.charAt(i + 1) == '|';
      if (markup || steers(c)) {
        if (plain == null) {
          plain = new StringBuilder(text.substring(0, i));
        }
        plain.append(String.format("\\u%04x", (int) c));
      } else if (plain != null) {
        plain.append(c);
      }
    }
    return plain == null ? text : plain.toString();
  }

  private static boolean steers(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
        true;
      default -> false;
    };
  }
}
