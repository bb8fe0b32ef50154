package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.langchain4j.EmbeddingArtifact;
import dev.octet.langchain4j.Pooling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stage is what it wraps, in a pipeline that is saved and loaded too. */
class EmbeddingTransformerTest {
  private static final EmbeddingArtifact ARTIFACT = EmbeddingArtifact.ALL_MINILM_L6_V2_Q;

  private final Dataset<Row> texts = LocalSpark.session()
      .createDataset(List.of("a cat", "a kitten", "interest rates", "a central bank"), Encoders.STRING())
      .toDF("text");

  @Test
  void standsInAPipelineThatIsSaved(@TempDir Path folder) throws IOException {
    Pipeline pipeline = new Pipeline().setStages(new PipelineStage[]{
        new EmbeddingTransformer().setArtifact(ARTIFACT).setInputCol("text").setBadRows(BadRows.NULL)
            .setBatchTokens(7).setMaxTokens(9).setInt8(true).setKeyCol("text"),
        new SQLTransformer().setStatement("select text, size(vector) as n, vector from __THIS__")});
    PipelineModel fitted = pipeline.fit(texts);
    fitted.save(folder.resolve("model").toString());
    PipelineModel loaded = PipelineModel.load(folder.resolve("model").toString());
    EmbeddingTransformer stage = (EmbeddingTransformer) loaded.stages()[0];
    EmbeddingTransformer saved = (EmbeddingTransformer) fitted.stages()[0];
    assertEquals(saved.uid(), stage.uid());
    assertEquals(saved.extractParamMap().toString(), stage.extractParamMap().toString());
    assertEquals(SparkEmbeddings.of(ARTIFACT).transform(texts, "text", "vector").collectAsList(),
        loaded.transform(texts).select("text", "vector").collectAsList());
    assertEquals(4, loaded.transform(texts).where("n = 384").count());
  }

  @Test
  void parametersReachWhatItWraps() {
    EmbeddingTransformer stage = new EmbeddingTransformer("one").setArtifact(ARTIFACT).setInputCol("text")
        .setOutputCol("v").setMaxTokens(1).setKeyCol("text");
    assertEquals(List.of("text", "v"), List.of(stage.transformSchema(texts.schema()).fieldNames()));
    assertEquals("row a kitten: expected a text of 1 to 1 tokens, got 2 tokens in 8 characters",
        refusal(() -> Jobs.run(stage.transform(texts.where("text = 'a kitten'"))::collectAsList)));
    EmbeddingTransformer copy = stage.copy(new ParamMap())
        .setBadRows(BadRows.NULL);
    assertEquals(4, copy.transform(texts).where("v is null").count());
    assertTrue(refusal(() -> new EmbeddingTransformer().setInputCol("text").transform(texts))
        .startsWith(
            "artifact, model, inputCol: expected an artifact or a model with its tokenizer and pooling"));
    EmbeddingTransformer both = new EmbeddingTransformer().setInputCol("text").setArtifact(ARTIFACT)
        .setModel(Path.of("m"), Path.of("t"), Pooling.CLS);
    assertTrue(refusal(() -> both.transform(texts)).startsWith("artifact, model, inputCol: "));
    assertEquals("tokens: expected >= 1, got 0",
        refusal(() -> new EmbeddingTransformer().setArtifact(ARTIFACT).setInputCol("text").setBatchTokens(0)
            .transform(texts)));
  }

  private static String refusal(Runnable work) {
    return assertThrows(IllegalArgumentException.class, work::run).getMessage();
  }
}
