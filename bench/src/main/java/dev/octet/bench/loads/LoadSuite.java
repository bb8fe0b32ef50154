package dev.octet.bench.loads;

import dev.octet.bench.child.ChildJvm;
import dev.octet.bench.child.Told;
import dev.octet.bench.models.ModelFolder;
import dev.octet.harness.report.Figure;
import dev.octet.langchain4j.EmbeddingArtifact;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * {@code ci/bench loads}: loading a model in floats, by Octet to int8 and by ONNX Runtime, in JVMs by turns.
 */
public final class LoadSuite {
  /** The section of the report. */
  static final String TOPIC = "Loading a model";

  private final ModelFolder folder;
  private final Consumer<String> say;

  /**
   * With model files.
   *
   * @param folder takes them
   * @param say takes a line for each figure
   */
  public LoadSuite(ModelFolder folder, Consumer<String> say) {
    this.folder = folder;
    this.say = say;
  }

  /**
   * Measures.
   *
   * @param quick whether to see that it runs, not to quote
   */
  public List<Figure> run(boolean quick) throws IOException, InterruptedException {
    return run(EmbeddingArtifact.BGE_SMALL_EN_V15, quick ? 1 : 9, quick ? 2 : 15);
  }

  List<Figure> run(EmbeddingArtifact artifact, int rounds, int later)
      throws IOException, InterruptedException {
    Path file = folder.copy(artifact);
    List<Told> octet = new ArrayList<>();
    List<Told> ort = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      octet.addAll(load(LoadCall.OCTET, file, later));
      ort.addAll(load("ort", file, later));
    }
    List<Figure> figures = new ArrayList<>(
        Told.figures(TOPIC, artifact.modelName() + " to int8", LoadCall.OCTET, octet));
    figures.addAll(Told.figures(TOPIC, artifact.modelName(), "ort", ort));
    figures.forEach(figure -> say.accept(figure.toString()));
    return figures;
  }

  private static List<Told> load(String who, Path file, int later) throws IOException, InterruptedException {
    return Told.of(ChildJvm.run(LoadCall.class, ChildJvm.PLAIN_MEMORY,
        List.of(who, file.toString(), Integer.toString(later))));
  }
}
