package dev.octet.bench;

import dev.octet.bench.loads.LoadSuite;
import dev.octet.bench.models.ModelFolder;
import dev.octet.bench.models.ModelSuite;
import dev.octet.bench.texts.TextSuite;
import dev.octet.bench.usage.Usage;
import dev.octet.harness.report.Figure;
import dev.octet.harness.shape.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The suites of whole models, whose results are figures of Octet and one other. */
final class FigureSuites {
  /** Whose versions are told. */
  static final Set<Peer> PEERS = Set.of(Peer.OCTET_NATIVE, Peer.ORT);

  @Option(names = "--model-folder", description = "models: the folder of ci/models (default: octet/models in the user's cache)")
  private Path modelFolder;

  /** Refuses a folder that is none, or that nobody reads, before anything is measured. */
  void checkOptions(CommandSpec spec, Suite suite) {
    if (modelFolder != null && suite != Suite.models) {
      throw Usage.wrong(spec, "--model-folder", "suite " + Suite.models, "suite " + suite);
    }
    if (modelFolder != null && !Files.isDirectory(modelFolder)) {
      throw Usage.wrong(spec, "--model-folder", "a folder, which ci/models fills", modelFolder);
    }
  }

  /** Whether a suite is one of these. */
  static boolean has(Suite suite) {
    return suite == Suite.models || suite == Suite.texts || suite == Suite.loads;
  }

  /**
   * Measures a suite that is one of these.
   *
   * @param work a folder for files that are made
   * @param quick whether to see that it runs, not to quote
   * @param say takes a line for each figure, and what was left out
   */
  List<Figure> run(Suite suite, Path work, boolean quick, Consumer<String> say)
      throws IOException, InterruptedException {
    ModelFolder folder = new ModelFolder(work, modelFolder == null ? ModelFolder.ofCache() : modelFolder);
    return switch (suite) {
      case models -> new ModelSuite(folder, say).run(quick);
      case texts -> new TextSuite(say).run(quick);
      case loads -> new LoadSuite(folder, say).run(quick);
      default -> throw new IllegalArgumentException(suite + " is no suite of models");
    };
  }
}
