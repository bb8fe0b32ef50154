package dev.octet.bench.digits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.bench.usage.WrongUsage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigitsTest {
  @Test
  void wrongOptionsAreALine(@TempDir Path folder) {
    assertEquals("--out: expected a file that can be written, got " + folder,
        WrongUsage.of(Digits.commandLine(), "ci/digits", "--out", folder.toString()));
    assertEquals("--threads: expected numbers from 1 to 32768, got -1",
        WrongUsage.of(Digits.commandLine(), "ci/digits", "--threads", "-1"));
    assertEquals("Invalid value for option '--seed': 'x' is not a long",
        WrongUsage.of(Digits.commandLine(), "ci/digits", "--seed", "x"));
  }
}
