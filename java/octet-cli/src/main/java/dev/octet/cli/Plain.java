package dev.octet.cli;

import dev.octet.quantize.PlainText;

/**
 * Text of files, such as names of tensors, as {@link Screen} may have it: {@link PlainText}, in which what
 * looks like markup of colours is none.
 */
final class Plain {
  private Plain() {}

  /** Text with {@code @|} as {@code \\u0040|} besides. */
  static String text(String text) {
    return PlainText.of(text).replace("@|", "\\u0040|");
  }
}
