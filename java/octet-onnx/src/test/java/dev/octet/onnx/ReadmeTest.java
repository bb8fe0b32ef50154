package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.testing.Repository;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows of whole models compiles and runs. */
class ReadmeTest {
  @Test
  void exampleIsTheProgramThatIsCompiled() {
    Repository.assertReadmeShows("java/octet-onnx/src/test/java/dev/octet/onnx/RunModel.java");
  }

  @Test
  void exampleRuns(@TempDir Path folder) throws IOException {
    Path model = Files.write(folder.resolve("model.onnx"),
        EmbeddingModelsTest.file("all-minilm-l6-v2-q.onnx"));
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      assertEquals(4 * 384, RunModel.run(model).length);
    } finally {
      System.setOut(out);
    }
    String report = printed.toString(StandardCharsets.UTF_8);
    assertTrue(report.contains("MatMulInteger"), report);
  }
}
