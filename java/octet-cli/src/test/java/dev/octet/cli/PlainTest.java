package dev.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class PlainTest {
  @Test
  void whatSteersATerminalOrLooksLikeMarkupIsShown() {
    assertEquals("a\\u001b[31m \\u0040|red x|@", Plain.text("a\u001b[31m @|red x|@"));
    String name = "model.layers.0.attn.q_proj.weight \u00e9 @ |";
    assertSame(name, Plain.text(name));
  }
}
