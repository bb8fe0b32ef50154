package dev.octet.bench.minilm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.bench.usage.WrongUsage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MiniLmDemoTest {
  @Test
  void wrongOptionsAreALine(@TempDir Path folder) {
    assertEquals("--threads: expected numbers from 1 to 32768, got 0", wrong("--threads", "0"));
    assertEquals("--seconds: expected more than 0 and up to 86400, got 0.0", wrong("--seconds", "0"));
    assertEquals("--json: expected a file that can be written, got " + folder,
        wrong("--json", folder.toString()));
  }

  private static String wrong(String... args) {
    return WrongUsage.of(MiniLmDemo.commandLine(), "ci/demo", args);
  }
}
