package dev.octet.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.testing.Repository;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What the README shows of embeddings compiles and runs. */
class ReadmeTest {
  @Test
  void exampleIsTheProgramThatIsCompiled() {
    Repository
        .assertReadmeShows("java/octet-langchain4j/src/test/java/dev/octet/langchain4j/EmbedTexts.java");
  }

  @Test
  void exampleRuns() {
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      assertEquals(384, EmbedTexts.run());
    } finally {
      System.setOut(out);
    }
    String[] lines = printed.toString(StandardCharsets.UTF_8).split("\\R", -1);
    assertTrue(lines[0].matches("0[.,]3\\d The cat slept on the windowsill all afternoon\\."), lines[0]);
    assertTrue(lines[1].matches("-?0[.,]0\\d The central bank raised interest rates\\."), lines[1]);
  }
}
