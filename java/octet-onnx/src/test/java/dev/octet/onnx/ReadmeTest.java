package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.testing.Repository;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README and the page on services show of whole models compiles and runs. */
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

  @Test
  void serviceIsTheProgramThatIsCompiled() {
    Repository.assertShows("docs/from-onnx-to-a-service.md",
        "java/octet-onnx/src/test/java/dev/octet/onnx/ServeModel.java");
  }

  @Test
  void quantizingIsTheProgramThatIsCompiled() {
    Repository.assertShows("docs/from-onnx-to-a-service.md",
        "java/octet-onnx/src/test/java/dev/octet/onnx/QuantizeFile.java");
  }

  @Test
  void quantizingRuns(@TempDir Path folder) throws IOException {
    TestData data = new TestData(1);
    TestModel model = QuantizationTest.product(QuantizationTest.Product.MATMUL_ADD, data.floats(1, 70, 33),
        data.floats(1, 33));
    model.graph.getNodeBuilder(0).setName("encoder/pooler/MatMul");
    Path in = Files.write(folder.resolve("in.onnx"), model.bytes());
    PrintStream out = System.out;
    System.setOut(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
    try {
      assertEquals("[encoder/pooler/MatMul (MatMul)], as they were: []",
          QuantizeFile.run(in, folder.resolve("out.onnx"), List.of(Map.of("x", data.floats(1, 2, 3, 70)))));
    } finally {
      System.setOut(out);
    }
  }

  @Test
  void serviceRuns(@TempDir Path folder) throws Exception {
    Path model = Files.write(folder.resolve("model.onnx"),
        EmbeddingModelsTest.file("all-minilm-l6-v2-q.onnx"));
    long[] text = {101, 7592, 2088, 102};
    List<float[]> answers = ServeModel.run(model, List.of(text, new long[]{101, 2088, 102}, text));
    assertEquals(List.of(4 * 384, 3 * 384, 4 * 384), answers.stream().map(answer -> answer.length).toList());
    assertArrayEquals(answers.getFirst(), answers.getLast());
  }
}
