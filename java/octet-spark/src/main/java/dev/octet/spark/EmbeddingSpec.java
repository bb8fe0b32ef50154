package dev.octet.spark;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.langchain4j.EmbeddingArtifact;
import dev.octet.langchain4j.OctetEmbeddingModel;
import dev.octet.langchain4j.Pooling;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkFiles;

/**
 * What an executor needs to prepare a model.
 *
 * @param artifact null where the model is a file
 * @param model a path, or where files are sent a name; null where the model is an artifact
 * @param tokenizer likewise
 * @param pooling null where the model is an artifact
 * @param sent whether the files come through Spark
 * @param whole whether texts are not cut
 * @param settings of the model
 */
record EmbeddingSpec(EmbeddingArtifact artifact, String model, String tokenizer, Pooling pooling,
    boolean sent, boolean whole, ModelSettings settings) implements ModelSpec<OctetEmbeddingModel> {
  EmbeddingSpec withSent(String modelName, String tokenizerName) {
    return new EmbeddingSpec(artifact, modelName, tokenizerName, pooling, true, whole, settings);
  }

  EmbeddingSpec withWhole() {
    return new EmbeddingSpec(artifact, model, tokenizer, pooling, sent, true, settings);
  }

  EmbeddingSpec with(ModelSettings changed) {
    return new EmbeddingSpec(artifact, model, tokenizer, pooling, sent, whole, changed);
  }

  @Override
  public Engine engine() {
    return settings.engine();
  }

  @Override
  public OctetEmbeddingModel prepare(Octet octet, int threads) {
    OctetEmbeddingModel.Builder builder = OctetEmbeddingModel.builder();
    if (artifact != null) {
      builder.artifact(artifact);
    } else {
      builder.model(file(model)).tokenizer(file(tokenizer)).pooling(pooling);
    }
    if (whole) {
      builder.maxTokens(Integer.MAX_VALUE);
    }
    return builder.options(settings.options()).octet(octet).threads(threads).build();
  }

  @Override
  public List<Path> files() {
    return artifact != null ? List.of() : List.of(file(model), file(tokenizer));
  }

  @Override
  public List<Path> dataFiles() {
    return artifact != null ? List.of() : OnnxSpec.dataOf(file(model));
  }

  @Override
  public void close(OctetEmbeddingModel prepared) {
    prepared.close();
  }

  private Path file(String name) {
    return Path.of(sent ? SparkFiles.get(name) : name);
  }
}
