package dev.octet.langchain4j;

import dev.octet.onnx.OnnxModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * Where a model and its tokenizer are read from.
 *
 * @param modelName the name of the model
 * @param pooling what it is pooled with
 * @param model opens the model
 * @param tokenizer opens tokenizer.json
 */
record ModelFiles(String modelName, Pooling pooling, Supplier<OnnxModel> model,
    Supplier<InputStream> tokenizer) {
  private static final String SUFFIX = ".onnx";

  /** The files of an artifact, from the class path. */
  static ModelFiles of(EmbeddingArtifact artifact) {
    return new ModelFiles(artifact.modelName(), artifact.pooling(), () -> {
      try (InputStream model = resource(artifact, artifact.resource())) {
        return OnnxModel.open(model);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }, () -> resource(artifact, artifact.tokenizerResource()));
  }

  /**
   * Files by their paths.
   *
   * @param model the model
   * @param tokenizer its tokenizer; null: the one beside it
   * @param pooling null: that of the artifact that the file has the name of
   */
  static ModelFiles of(Path model, Path tokenizer, Pooling pooling) {
    String file = model.getFileName() == null ? "" : model.getFileName().toString();
    String name = file.endsWith(SUFFIX) ? file.substring(0, file.length() - SUFFIX.length()) : file;
    Pooling known = pooling != null
        ? pooling
        : EmbeddingArtifact.ofFile(file).map(EmbeddingArtifact::pooling)
            .orElseThrow(() -> new IllegalArgumentException(
                "pooling: is missing, and " + file + " is no file of an artifact that is known"));
    Path json = tokenizer != null ? tokenizer : beside(model, name);
    return new ModelFiles(name, known, () -> OnnxModel.open(model), () -> {
      try {
        return Files.newInputStream(json);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read the tokenizer: " + e, e);
      }
    });
  }

  private static Path beside(Path model, String name) {
    List<Path> candidates = List.of(model.resolveSibling(name + "-tokenizer.json"),
        model.resolveSibling("tokenizer.json"));
    return candidates.stream().filter(Files::exists).findFirst().orElseThrow(
        () -> new IllegalArgumentException("tokenizer: is missing, and there is none of " + candidates));
  }

  private static InputStream resource(EmbeddingArtifact artifact, String name) {
    for (ClassLoader loader : EmbeddingArtifact.loaders()) {
      InputStream stream = loader.getResourceAsStream(name);
      if (stream != null) {
        return stream;
      }
    }
    throw new UnsupportedOperationException(
        "artifact: " + name + " is not on the class path; it is in the jar"
            + " of dev.langchain4j:" + artifact.artifactId());
  }
}
