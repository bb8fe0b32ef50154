package dev.octet.bench.loads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.bench.models.ModelFolder;
import dev.octet.harness.report.Figure;
import dev.octet.langchain4j.EmbeddingArtifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadSuiteTest {
  @Test
  void firstAndLaterLoadsOfBoth(@TempDir Path folder) throws IOException, InterruptedException {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "skipped, memory is counted on Linux alone");
    List<Figure> figures = new LoadSuite(new ModelFolder(folder, folder), Objects::requireNonNull)
        .run(EmbeddingArtifact.ALL_MINILM_L6_V2, 1, 1);
    assertEquals(
        Stream.of("all-minilm-l6-v2 to int8, octet", "all-minilm-l6-v2, ort").flatMap(row -> Stream
            .of("first in a JVM, ms", "later ones, ms", "peak memory, MB").map(what -> row + ", " + what))
            .toList(),
        figures.stream().map(figure -> figure.subject() + ", " + figure.peer() + ", " + figure.quantity())
            .toList());
    for (Figure figure : figures) {
      assertEquals(LoadSuite.TOPIC, figure.topic());
      assertTrue(figure.median() > 0, figure.toString());
    }
  }
}
