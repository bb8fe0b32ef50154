package dev.octet.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class PlainTextTest {
  @Test
  void whatSteersATerminalIsShownByItsNumber() {
    assertEquals("a\\u001b[31mb\\u000a\\u007f\\u009b\\u202e\\u2028",
        PlainText.of("a\u001b[31mb\n\u007f\u009b\u202e\u2028"));
    assertEquals("x\\udb40\\udc41 \\ud800 \ud83d\ude00",
        PlainText.of("x\udb40\udc41 \ud800 \ud83d\ude00"), "a tag character, half a pair, a face");
    String name = "model.layers.0.attn.q_proj.weight \u00e9 @ |";
    assertSame(name, PlainText.of(name));
  }

  @Test
  void markupIsShown() {
    assertEquals("&lt;a href=&quot;x&quot;&gt;\\u202e&amp;", PlainText.html("<a href=\"x\">\u202e&"));
  }
}
