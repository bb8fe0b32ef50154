package dev.octet.langchain4j;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.spi.model.embedding.EmbeddingModelFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Makes the embedding model that langchain4j takes where a program names none, as
 * {@code EmbeddingStoreIngestor} does. It is
 * <ol>
 * <li>the file that the system property {@code octet.embedding.model} names, with the tokenizer beside it;
 * where the file does not have the name of an {@link EmbeddingArtifact}'s, {@code octet.embedding.pooling} is
 * {@code cls} or {@code mean};
 * <li>else the one {@link EmbeddingArtifact} whose model is on the class path.
 * </ol>
 *
 * <p>
 * langchain4j refuses to choose where it finds two factories, and the jars of its artifacts bring one each:
 * beside such a jar a program names the model itself.
 */
public final class OctetEmbeddingModelFactory implements EmbeddingModelFactory {
  private static final String MODEL = "octet.embedding.model";
  private static final String POOLING = "octet.embedding.pooling";

  /** Makes a factory, as services are made. */
  public OctetEmbeddingModelFactory() {}

  /**
   * Makes the model with the defaults of {@link OctetEmbeddingModel.Builder}.
   *
   * @return the model; a program that ends with it need not close it
   * @throws IllegalArgumentException if a system property does not fit, or several models are on the class
   *         path
   * @throws UnsupportedOperationException if there is none
   */
  @Override
  public EmbeddingModel create() {
    OctetEmbeddingModel.Builder builder = OctetEmbeddingModel.builder();
    String file = System.getProperty(MODEL);
    if (file == null) {
      return builder.artifact(onlyArtifact()).build();
    }
    String pooling = System.getProperty(POOLING);
    if (pooling != null) {
      builder.pooling(pooling(pooling));
    }
    return builder.model(Path.of(file)).build();
  }

  private static Pooling pooling(String name) {
    return Arrays.stream(Pooling.values())
        .filter(pooling -> pooling.name().toLowerCase(Locale.ROOT).equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException(POOLING + ": expected cls or mean, got " + name));
  }

  private static EmbeddingArtifact onlyArtifact() {
    List<EmbeddingArtifact> there = Arrays.stream(EmbeddingArtifact.values())
        .filter(EmbeddingArtifact::isThere).toList();
    if (there.isEmpty()) {
      throw new UnsupportedOperationException(
          "no embedding model: expected the file of one in system property "
              + MODEL + ", or one of langchain4j's artifacts on the class path, such as dev.langchain4j:"
              + EmbeddingArtifact.ALL_MINILM_L6_V2_Q.artifactId());
    }
    if (there.size() > 1) {
      throw new IllegalArgumentException("expected one embedding model on the class path, got " + there
          + "; name one with OctetEmbeddingModel.builder(), or its file in system property " + MODEL);
    }
    return there.getFirst();
  }
}
