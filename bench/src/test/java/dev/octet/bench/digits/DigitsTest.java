package dev.octet.bench.digits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.bench.usage.WrongUsage;
import org.junit.jupiter.api.Test;

class DigitsTest {
  @Test
  void wrongOptionsAreALine() {
    assertEquals("--threads: expected numbers from 1 to 32768, got -1",
        WrongUsage.of(Digits.commandLine(), "ci/digits", "--threads", "-1"));
    assertEquals("Invalid value for option '--seed': 'x' is not a long",
        WrongUsage.of(Digits.commandLine(), "ci/digits", "--seed", "x"));
  }
}
