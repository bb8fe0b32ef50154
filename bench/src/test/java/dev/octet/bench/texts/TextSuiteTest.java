package dev.octet.bench.texts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.harness.report.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TextSuiteTest {
  @Test
  void timeAndMemoryOfBoth() throws IOException, InterruptedException {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "skipped, memory is counted on Linux alone");
    List<Figure> figures = new TextSuite(Objects::requireNonNull).run(true);
    assertEquals(
        Stream.of("all-MiniLM-L6-v2-q, octet beside langchain4j on the same file",
            "all-MiniLM-L6-v2 in int8, octet beside langchain4j on all-MiniLM-L6-v2").flatMap(
                row -> Stream.of("Octet, ms", "langchain4j, ms", "faster, times", "Octet at most, MB",
                    "langchain4j at most, MB", "less memory, times").map(what -> row + ", " + what))
            .toList(),
        figures.stream().map(figure -> figure.subject() + ", " + figure.peer() + ", " + figure.quantity())
            .toList());
    for (Figure figure : figures) {
      assertEquals(TextSuite.TOPIC, figure.topic());
      assertTrue(figure.median() > 0, figure.toString());
    }
  }

  /** Runs are compared: each has the same texts. */
  @Test
  void textsAreTheSameEachTime() {
    assertEquals(MixedTexts.of(64), MixedTexts.of(64));
    assertEquals(64, MixedTexts.of(64).size());
  }
}
