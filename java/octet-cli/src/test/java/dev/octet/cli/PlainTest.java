package dev.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class PlainTest {
  @Test
  void whatSteersATerminalIsShownByItsNumber() {
    assertEquals("a\\u001b[31mb\\u000a\\u007f\\u009b\\u202e\\u2028",
        Plain.text("a\u001b[31mb\n\u007f\u009b\u202e\u2028"));
    assertEquals("\\u0040|red x|@", Plain.text("@|red x|@"));
    String name = "model.layers.0.attn.q_proj.weight \u00e9 @ |";
    assertSame(name, Plain.text(name));
  }
}
