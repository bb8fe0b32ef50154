package dev.octet.bench.models;

import dev.octet.langchain4j.EmbeddingArtifact;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Models that are timed. */
enum Model {
  MINILM(EmbeddingArtifact.ALL_MINILM_L6_V2), MINILM_Q(EmbeddingArtifact.ALL_MINILM_L6_V2_Q), E5_SMALL_Q(
      EmbeddingArtifact.E5_SMALL_V2_Q), BGE_SMALL(EmbeddingArtifact.BGE_SMALL_EN_V15), BGE_SMALL_Q(
          EmbeddingArtifact.BGE_SMALL_EN_V15_Q), OCR_DETECTION("PP-OCRv4 detection",
              "ch_PP-OCRv4_det_infer.onnx"), OCR_RECOGNITION("PP-OCRv4 recognition",
                  "ch_PP-OCRv4_rec_infer.onnx");

  private final String title;
  private final String file;
  /** Null: ci/models fetches the file. */
  private final EmbeddingArtifact artifact;

  Model(EmbeddingArtifact artifact) {
    this.title = artifact.modelName().replace("minilm-l6", "MiniLM-L6");
    this.file = artifact.resource();
    this.artifact = artifact;
  }

  Model(String title, String file) {
    this.title = title;
    this.file = file;
    this.artifact = null;
  }

  /** Its name in tables. */
  String title() {
    return title;
  }

  /** The name of its file. */
  String file() {
    return file;
  }

  /** Its file, or nothing where ci/models has not fetched it. */
  Optional<Path> in(ModelFolder folder) throws IOException {
    return artifact == null ? folder.fetched(file) : Optional.of(folder.copy(artifact));
  }
}
