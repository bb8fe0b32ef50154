package dev.octet.bench.texts;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.octet.bench.child.ChildJvm;
import dev.octet.bench.child.Told;
import dev.octet.bench.models.PairFigures;
import dev.octet.harness.report.Figure;
import dev.octet.harness.report.Rounds;
import dev.octet.harness.turns.Effort;
import dev.octet.langchain4j.EmbeddingArtifact;
import dev.octet.langchain4j.OctetEmbeddingModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * {@code ci/bench texts}: time and peak memory of a batch of texts, on Octet and on langchain4j's own
 * classes.
 */
public final class TextSuite {
  /** The section of the report. */
  static final String TOPIC = "A batch of texts";

  private static final String OTHER = "langchain4j";

  /** To be quoted. */
  private static final Effort QUOTED = new Effort(3, 5, 11, 45);
  /** To see that it runs. */
  private static final Effort QUICK = new Effort(0, 1, 1, 0);

  private final Consumer<String> say;

  /**
   * With somebody to tell.
   *
   * @param say takes a line for each figure
   */
  public TextSuite(Consumer<String> say) {
    this.say = say;
  }

  /** Measures both forms of all-MiniLM-L6-v2. */
  public List<Figure> run(boolean quick) throws IOException, InterruptedException {
    Effort effort = quick ? QUICK : QUOTED;
    int texts = quick ? 4 : 256;
    int processes = quick ? 1 : 3;
    List<Figure> figures = new ArrayList<>(
        run(Embedder.OCTET, EmbeddingArtifact.ALL_MINILM_L6_V2_Q, texts, effort, processes));
    figures.addAll(run(Embedder.OCTET_INT8, EmbeddingArtifact.ALL_MINILM_L6_V2, texts, effort, processes));
    return figures;
  }

  private List<Figure> run(Embedder octet, EmbeddingArtifact artifact, int count, Effort effort,
      int processes) throws IOException, InterruptedException {
    String name = artifact.modelName().replace("minilm-l6", "MiniLM-L6");
    String subject = name + (octet == Embedder.OCTET ? "" : " in int8");
    String peer = "octet beside langchain4j on " + (octet == Embedder.OCTET ? "the same file" : name);
    List<Figure> figures = new ArrayList<>(
        PairFigures.of(TOPIC, subject, peer, OTHER, time(octet, artifact, count, effort)));
    figures.addAll(memory(subject, peer, octet, artifact, count, processes));
    figures.forEach(figure -> say.accept(figure.toString()));
    return figures;
  }

  private static Rounds time(Embedder embedder, EmbeddingArtifact artifact, int count, Effort effort) {
    List<TextSegment> texts = MixedTexts.of(count);
    EmbeddingModel other = Embedder.LANGCHAIN4J.open(artifact);
    try (OctetEmbeddingModel octet = (OctetEmbeddingModel) embedder.open(artifact)) {
      return Rounds.run(List.of(() -> octet.embedAll(texts), () -> other.embedAll(texts)),
          effort.warmUpSeconds(), effort.least(), effort.rounds(), effort.seconds(), System::nanoTime);
    }
  }

  /** The peaks of processes of their own by turns, and how many times Octet's langchain4j's is. */
  private static List<Figure> memory(String subject, String peer, Embedder octet, EmbeddingArtifact artifact,
      int count, int processes) throws IOException, InterruptedException {
    double[] ours = new double[processes];
    double[] others = new double[processes];
    double[] ratios = new double[processes];
    for (int i = 0; i < processes; i++) {
      ours[i] = peak(octet, artifact, count);
      others[i] = peak(Embedder.LANGCHAIN4J, artifact, count);
    }
    Arrays.setAll(ratios, i -> others[i] / ours[i]);
    return List.of(Figure.of(TOPIC, subject, peer, "Octet at most", "MB", ours),
        Figure.of(TOPIC, subject, peer, OTHER + " at most", "MB", others),
        Figure.of(TOPIC, subject, peer, "less memory", "times", ratios));
  }

  private static double peak(Embedder embedder, EmbeddingArtifact artifact, int count)
      throws IOException, InterruptedException {
    return Told.of(ChildJvm.run(EmbeddingCall.class, ChildJvm.PLAIN_MEMORY,
        List.of(embedder.name(), artifact.name(), Integer.toString(count)))).getFirst().value();
  }
}
