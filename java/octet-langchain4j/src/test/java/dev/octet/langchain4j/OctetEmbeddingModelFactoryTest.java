package dev.octet.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.spi.ServiceHelper;
import dev.langchain4j.spi.model.embedding.EmbeddingModelFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model that langchain4j gets where a program names none. */
class OctetEmbeddingModelFactoryTest {
  private static final EmbeddingArtifact MINILM = EmbeddingArtifact.ALL_MINILM_L6_V2_Q;

  @TempDir
  Path folder;

  @AfterEach
  void forget() {
    System.clearProperty("octet.embedding.model");
    System.clearProperty("octet.embedding.pooling");
  }

  /** As langchain4j looks for it. */
  private static EmbeddingModelFactory factory() {
    return ServiceHelper.loadFactories(EmbeddingModelFactory.class).stream()
        .filter(OctetEmbeddingModelFactory.class::isInstance).findFirst().orElseThrow();
  }

  private Path write(String resource, String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in = getClass().getClassLoader().getResourceAsStream(resource)) {
      Files.copy(in, file);
    }
    return file;
  }

  @Test
  void aFileThatAPropertyNames() throws IOException {
    Path file = write(MINILM.resource(), MINILM.resource());
    write(MINILM.tokenizerResource(), MINILM.tokenizerResource());
    System.setProperty("octet.embedding.model", file.toString());
    EmbeddingModel model = factory().create();
    try (OctetEmbeddingModel octet = (OctetEmbeddingModel) model) {
      assertEquals("all-minilm-l6-v2-q, 384 dimensions, MEAN", octet.toString());
    }
  }

  @Test
  void aFileOfAnotherName() throws IOException {
    Path file = write(MINILM.resource(), "mine.onnx");
    System.setProperty("octet.embedding.model", file.toString());
    EmbeddingModelFactory factory = factory();
    assertMessage("pooling: is missing, and mine.onnx is no file of an artifact that is known",
        assertThrows(IllegalArgumentException.class, factory::create));
    System.setProperty("octet.embedding.pooling", "max");
    assertMessage("octet.embedding.pooling: expected cls or mean, got max",
        assertThrows(IllegalArgumentException.class, factory::create));
    System.setProperty("octet.embedding.pooling", "cls");
    assertMessage("tokenizer: is missing", assertThrows(IllegalArgumentException.class, factory::create));
    write(MINILM.tokenizerResource(), "tokenizer.json");
    try (OctetEmbeddingModel octet = (OctetEmbeddingModel) factory.create()) {
      assertEquals("mine, 384 dimensions, CLS", octet.toString());
    }
  }

  @Test
  void severalOnTheClassPath() {
    EmbeddingModelFactory factory = factory();
    assertMessage(
        "expected one embedding model on the class path, got [ALL_MINILM_L6_V2, ALL_MINILM_L6_V2_Q,",
        assertThrows(IllegalArgumentException.class, factory::create));
  }

  private static void assertMessage(String start, Exception e) {
    assertTrue(e.getMessage().startsWith(start), e.getMessage());
  }
}
