package dev.octet.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.store.embedding.CosineSimilarity;
import java.util.List;

/** The program of the README: the lines between the two marks stand there word for word. */
final class EmbedTexts {
  private EmbedTexts() {}

  static int run() {
    // README
    try (OctetEmbeddingModel model = OctetEmbeddingModel.builder()
        .artifact(EmbeddingArtifact.ALL_MINILM_L6_V2_Q) // or .model(path), with its tokenizer beside it
        .build()) {
      List<TextSegment> texts = List.of(
          TextSegment.from("The cat slept on the windowsill all afternoon."),
          TextSegment.from("The central bank raised interest rates."));
      List<Embedding> vectors = model.embedAll(texts).content();
      Embedding query = model.embed("Where is the kitten?").content();
      for (int i = 0; i < texts.size(); i++) {
        System.out.printf("%.2f %s%n", CosineSimilarity.between(query, vectors.get(i)), texts.get(i).text());
      }
      return model.dimension();
    }
    // README
  }
}
