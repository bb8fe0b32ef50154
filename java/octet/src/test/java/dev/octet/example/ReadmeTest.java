package dev.octet.example;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.testing.Repository;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What the README shows compiles, runs and is what it shows. */
class ReadmeTest {
  @Test
  void exampleIsTheProgramThatIsCompiled() {
    Repository.assertReadmeShows("java/octet/src/test/java/dev/octet/example/Quickstart.java");
  }

  @Test
  void exampleRuns() {
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      Quickstart.main(new String[0]);
    } finally {
      System.setOut(out);
    }
    String text = printed.toString(StandardCharsets.UTF_8);
    assertTrue(text.contains(" wrote 393216 bytes"), text);
    assertTrue(text.contains("SCALAR"), text);
  }
}
