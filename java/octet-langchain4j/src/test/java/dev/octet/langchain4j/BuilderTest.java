package dev.octet.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Octet;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a builder refuses, by name. */
class BuilderTest {
  private static final EmbeddingArtifact MINILM = EmbeddingArtifact.ALL_MINILM_L6_V2_Q;

  @TempDir
  Path folder;

  private static void refused(String message, OctetEmbeddingModel.Builder builder) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, builder::build).getMessage());
  }

  private static OctetEmbeddingModel.Builder builder() {
    return OctetEmbeddingModel.builder();
  }

  @Test
  void partsThatDoNotFitTogether() {
    Path file = folder.resolve("any.onnx");
    refused("artifact, model: expected one of them, got none", builder());
    refused("artifact, model: expected one of them, got both", builder().artifact(MINILM).model(file));
    refused("pooling: expected none beside an artifact, which has its own",
        builder().artifact(MINILM).pooling(Pooling.CLS));
    refused("tokenizer: expected none beside an artifact, which has its own",
        builder().artifact(MINILM).tokenizer(file));
    refused("pooling: is missing, and any.onnx is no file of an artifact that is known",
        builder().model(file));
  }

  @Test
  void numbersOutOfRange() {
    assertEquals("maxTokens: expected >= 3, got 2",
        assertThrows(IllegalArgumentException.class, () -> builder().maxTokens(2)).getMessage());
    for (int threads : new int[]{0, 32769}) {
      assertEquals("threads: expected 1 to 32768, got " + threads,
          assertThrows(IllegalArgumentException.class, () -> builder().threads(threads)).getMessage());
    }
  }

  @Test
  void theSystemPropertyIsChecked() {
    String before = System.getProperty("octet.threads");
    try (Octet octet = Octet.builder().threads(1).open()) {
      System.setProperty("octet.threads", "0");
      refused("octet.threads: expected 1 to 32768, got 0", builder().artifact(MINILM).octet(octet));
    } finally {
      if (before == null) {
        System.clearProperty("octet.threads");
      } else {
        System.setProperty("octet.threads", before);
      }
    }
  }

  @Test
  void filesThatAreMissingOrSomethingElse() throws IOException {
    Path json = folder.resolve("tokenizer.json");
    try (InputStream in = getClass().getClassLoader().getResourceAsStream(MINILM.tokenizerResource())) {
      Files.copy(in, json);
    }
    Path model = folder.resolve("model.onnx");
    OctetEmbeddingModel.Builder builder = builder().model(model).pooling(Pooling.MEAN);
    assertThrows(UncheckedIOException.class, builder::build);
    Files.writeString(model, "no model");
    assertThrows(IllegalArgumentException.class, builder::build);
    builder.tokenizer(folder.resolve("none.json"));
    String message = assertThrows(UncheckedIOException.class, builder::build).getMessage();
    assertTrue(message.startsWith("cannot read the tokenizer: "), message);
  }
}
