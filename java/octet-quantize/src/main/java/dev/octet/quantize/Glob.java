package dev.octet.quantize;

import java.util.regex.Pattern;

/**
 * Matches whole names against a pattern: {@code *} stands for any characters, dots and slashes too, {@code ?}
 * for one.
 */
public final class Glob {
  private final String text;
  private final Pattern pattern;

  private Glob(String text, Pattern pattern) {
    this.text = text;
    this.pattern = pattern;
  }

  /**
   * Parses a pattern.
   *
   * @param text with {@code *} and {@code ?} for characters
   * @return the pattern
   */
  public static Glob of(String text) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      regex.append(switch (c) {
        case '*' -> ".*";
        case '?' -> ".";
        default -> Pattern.quote(String.valueOf(c));
      });
    }
    return new Glob(text, Pattern.compile(regex.toString(), Pattern.DOTALL));
  }

  /**
   * Returns whether a name matches.
   *
   * @param name the whole name
   * @return true if so
   */
  public boolean matches(String name) {
    return pattern.matcher(name).matches();
  }

  /** Returns the text of the pattern. */
  @Override
  public String toString() {
    return text;
  }
}
