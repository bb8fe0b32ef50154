package dev.octet.bench.texts;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.octet.bench.child.Told;
import dev.octet.langchain4j.EmbeddingArtifact;
import java.io.IOException;
import java.util.List;

/** A JVM that embeds the texts some times and tells its peak memory. */
final class EmbeddingCall {
  private static final int TIMES = 5;

  private EmbeddingCall() {}

  /** An {@link Embedder}, an {@link EmbeddingArtifact}, and the number of texts. */
  public static void main(String[] args) throws IOException {
    EmbeddingModel model = Embedder.valueOf(args[0]).open(EmbeddingArtifact.valueOf(args[1]));
    List<TextSegment> texts = MixedTexts.of(Integer.parseInt(args[2]));
    for (int i = 0; i < TIMES; i++) {
      model.embedAll(texts);
    }
    Told.tellPeak();
    System.exit(0); // langchain4j's threads are no daemons
  }
}
