package dev.octet.langchain4j;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.AbstractInProcessEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.OnnxBertBiEncoder;
import dev.langchain4j.model.embedding.onnx.PoolingMode;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.bgesmallenv15.BgeSmallEnV15EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.bgesmallenv15q.BgeSmallEnV15QuantizedEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.e5smallv2q.E5SmallV2QuantizedEmbeddingModel;
import dev.langchain4j.store.embedding.CosineSimilarity;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** langchain4j's own models, on ONNX Runtime, and how near the vectors of two models are to each other. */
final class Judge extends AbstractInProcessEmbeddingModel {
  private final OnnxBertBiEncoder encoder;

  private Judge(OnnxBertBiEncoder encoder) {
    super(null);
    this.encoder = encoder;
  }

  @Override
  protected OnnxBertBiEncoder model() {
    return encoder;
  }

  /**
   * langchain4j's encoder where ONNX Runtime runs the nodes of the file, without optimizations of its own.
   */
  static EmbeddingModel nodeByNode(EmbeddingArtifact artifact) throws IOException, OrtException {
    return new Judge(encoder(artifact, OrtSession.SessionOptions.OptLevel.NO_OPT));
  }

  /**
   * langchain4j's encoder with a tokenizer that does not cut: its own cuts at 512 tokens at most, so that it
   * never comes to splitting.
   */
  static EmbeddingModel splitting(EmbeddingArtifact artifact)
      throws IOException, OrtException, ReflectiveOperationException {
    OnnxBertBiEncoder encoder = encoder(artifact, OrtSession.SessionOptions.OptLevel.ALL_OPT);
    Field tokenizer = OnnxBertBiEncoder.class.getDeclaredField("tokenizer");
    tokenizer.setAccessible(true);
    try (InputStream json = resource(artifact.tokenizerResource())) {
      tokenizer.set(encoder,
          HuggingFaceTokenizer.newInstance(json, Map.of("padding", "false", "truncation", "false")));
    }
    return new Judge(encoder);
  }

  private static OnnxBertBiEncoder encoder(EmbeddingArtifact artifact,
      OrtSession.SessionOptions.OptLevel level) throws IOException, OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        InputStream model = resource(artifact.resource())) {
      options.setOptimizationLevel(level);
      return new OnnxBertBiEncoder(environment, environment.createSession(model.readAllBytes(), options),
          resource(artifact.tokenizerResource()), PoolingMode.valueOf(artifact.pooling().name()));
    }
  }

  private static InputStream resource(String name) {
    return Judge.class.getClassLoader().getResourceAsStream(name);
  }

  static EmbeddingModel of(EmbeddingArtifact artifact) {
    return switch (artifact) {
      case ALL_MINILM_L6_V2 -> new AllMiniLmL6V2EmbeddingModel();
      case ALL_MINILM_L6_V2_Q -> new AllMiniLmL6V2QuantizedEmbeddingModel();
      case BGE_SMALL_EN_V15 -> new BgeSmallEnV15EmbeddingModel();
      case BGE_SMALL_EN_V15_Q -> new BgeSmallEnV15QuantizedEmbeddingModel();
      case E5_SMALL_V2_Q -> new E5SmallV2QuantizedEmbeddingModel();
      default -> throw new IllegalArgumentException(artifact + " is not on the class path of the tests");
    };
  }

  /** The cosine of each pair of vectors at the same place. */
  static double[] cosines(List<Embedding> a, List<Embedding> b) {
    double[] cosines = new double[a.size()];
    Arrays.setAll(cosines, i -> CosineSimilarity.between(a.get(i), b.get(i)));
    return cosines;
  }

  /** Spearman's rank correlation of the similarities of all pairs of texts. */
  static double spearman(List<Embedding> a, List<Embedding> b) {
    double[] x = ranks(similarities(a));
    double[] y = ranks(similarities(b));
    double squares = 0;
    for (int i = 0; i < x.length; i++) {
      squares += (x[i] - y[i]) * (x[i] - y[i]);
    }
    double n = x.length;
    return 1 - 6 * squares / (n * (n * n - 1)); // no two similarities are the same
  }

  private static double[] similarities(List<Embedding> vectors) {
    int n = vectors.size();
    double[] similarities = new double[n * (n - 1) / 2];
    int at = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        similarities[at++] = CosineSimilarity.between(vectors.get(i), vectors.get(j));
      }
    }
    return similarities;
  }

  private static double[] ranks(double[] values) {
    Integer[] order = new Integer[values.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> values[i]));
    double[] ranks = new double[values.length];
    for (int rank = 0; rank < order.length; rank++) {
      ranks[order[rank]] = rank;
    }
    return ranks;
  }
}
