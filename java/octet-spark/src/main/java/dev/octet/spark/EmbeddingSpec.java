package dev.octet.spark;

import dev.octet.Engine;
import dev.octet.langchain4j.EmbeddingArtifact;
import dev.octet.langchain4j.OctetEmbeddingModel;
import dev.octet.langchain4j.Pooling;
import dev.octet.onnx.OnnxOptions;
import dev.octet.onnx.OnnxQuantization;
import java.io.Serializable;
import java.nio.file.Path;
import org.apache.spark.SparkFiles;

/**
 * What an executor needs to prepare a model.
 *
 * @param artifact null where the model is a file
 * @param model a path, or where files are sent a name; null where the model is an artifact
 * @param tokenizer likewise
 * @param pooling null where the model is an artifact
 * @param sent whether the files come through Spark
 * @param int8 whether float products are quantized when the model is prepared
 * @param whole whether texts are not cut
 * @param engine null: the best one there
 */
record EmbeddingSpec(EmbeddingArtifact artifact, String model, String tokenizer, Pooling pooling,
    boolean sent, boolean int8, boolean whole, Engine engine) implements Serializable {
  EmbeddingSpec withSent(String modelName, String tokenizerName) {
    return new EmbeddingSpec(artifact, modelName, tokenizerName, pooling, true, int8, whole, engine);
  }

  EmbeddingSpec withInt8() {
    return new EmbeddingSpec(artifact, model, tokenizer, pooling, sent, true, whole, engine);
  }

  EmbeddingSpec withWhole() {
    return new EmbeddingSpec(artifact, model, tokenizer, pooling, sent, int8, true, engine);
  }

  EmbeddingSpec withEngine(Engine forced) {
    return new EmbeddingSpec(artifact, model, tokenizer, pooling, sent, int8, whole, forced);
  }

  /** What of it was said. */
  OctetEmbeddingModel.Builder builder() {
    OctetEmbeddingModel.Builder builder = OctetEmbeddingModel.builder();
    if (artifact != null) {
      builder.artifact(artifact);
    } else {
      builder.model(file(model)).tokenizer(file(tokenizer)).pooling(pooling);
    }
    if (whole) {
      builder.maxTokens(Integer.MAX_VALUE);
    }
    return int8
        ? builder.options(OnnxOptions.defaults().quantize(OnnxQuantization.int8Dynamic()))
        : builder;
  }

  private Path file(String name) {
    return Path.of(sent ? SparkFiles.get(name) : name);
  }
}
