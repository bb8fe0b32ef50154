package dev.octet.example;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.testing.Repository;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the README shows compiles, runs and is what it shows. */
class ReadmeTest {
  @Test
  void exampleIsTheProgramThatIsCompiled() throws IOException {
    Path root = Repository.root();
    String source = Files
        .readString(root.resolve("java/octet/src/test/java/dev/octet/example/Quickstart.java"));
    String example = source.split("    // README\n", -1)[1].stripTrailing().stripIndent();
    assertTrue(Files.readString(root.resolve("README.md")).contains(example),
        "README.md does not hold the program of Quickstart.java:\n" + example);
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
