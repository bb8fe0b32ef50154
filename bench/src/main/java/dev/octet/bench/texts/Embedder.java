package dev.octet.bench.texts;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import dev.octet.langchain4j.EmbeddingArtifact;
import dev.octet.langchain4j.OctetEmbeddingModel;
import dev.octet.onnx.OnnxOptions;
import dev.octet.onnx.OnnxQuantization;

/** Who embeds, each with its defaults: a thread for each processor. */
enum Embedder {
  /** Octet, the file as it is. */
  OCTET,
  /** Octet, quantized when it is prepared. */
  OCTET_INT8,
  /** The class that langchain4j has for the file, on ONNX Runtime. */
  LANGCHAIN4J;

  /** Loads all-MiniLM-L6-v2, or its quantized file, out of its jar. */
  EmbeddingModel open(EmbeddingArtifact artifact) {
    OnnxOptions options = OnnxOptions.defaults();
    return switch (this) {
      case OCTET -> OctetEmbeddingModel.builder().artifact(artifact).options(options).build();
      case OCTET_INT8 -> OctetEmbeddingModel.builder().artifact(artifact)
          .options(options.quantize(OnnxQuantization.int8Dynamic())).build();
      case LANGCHAIN4J -> switch (artifact) {
        case ALL_MINILM_L6_V2 -> new AllMiniLmL6V2EmbeddingModel();
        case ALL_MINILM_L6_V2_Q -> new AllMiniLmL6V2QuantizedEmbeddingModel();
        default -> throw new IllegalArgumentException("langchain4j's class of " + artifact + " is not here");
      };
    };
  }
}
