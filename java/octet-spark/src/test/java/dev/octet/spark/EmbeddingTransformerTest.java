package dev.octet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Engine;
import dev.octet.langchain4j.EmbeddingArtifact;
import dev.octet.langchain4j.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkFiles;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.param.Param;
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
    assertEquals("tokens: expected >= 1, got 0",
        refusal(() -> new EmbeddingTransformer().setArtifact(ARTIFACT).setInputCol("text").setBatchTokens(0)
            .transform(texts)));
  }

  @Test
  void parametersThatContradictEachOtherAreRefused() {
    String neither = "artifact, model: expected an artifact, or a model with its tokenizer and pooling, got {";
    refused(neither, new EmbeddingTransformer().setInputCol("text"));
    EmbeddingTransformer half = new EmbeddingTransformer().setInputCol("text");
    half.set(half.getParam("model"), "m.onnx");
    refused(neither, half);
    refused("inputCol: expected the column of texts, got {",
        new EmbeddingTransformer().setArtifact(ARTIFACT));
    String both = "artifact: expected no model, tokenizer and pooling beside it, which are its own, got {";
    refused(both, stage().setModel(Path.of("m"), Path.of("t"), Pooling.CLS));
    for (String one : List.of("model", "tokenizer", "pooling")) {
      EmbeddingTransformer stage = stage();
      stage.set(stage.getParam(one), "x");
      refused(both, stage);
    }
    refused("sendFiles: expected false for an artifact, whose jar has the files, got {",
        stage().setSendFiles(true));
    refused("weightCache: expected none where weights are not shared, got {",
        stage().setWeightCache(Path.of("w")).setSharedWeights(false));
    EmbeddingTransformer stage = new EmbeddingTransformer().setInputCol("text");
    stage.set(stage.getParam("artifact"), "MINILM");
    refused("artifact: expected one of " + List.of(EmbeddingArtifact.values()) + ", got MINILM", stage);
    EmbeddingTransformer maybe = stage();
    maybe.set(maybe.badRows(), "MAYBE");
    refused("badRows: expected one of [FAIL, NULL], got MAYBE", maybe);
  }

  private static EmbeddingTransformer stage() {
    return new EmbeddingTransformer().setArtifact(ARTIFACT).setInputCol("text");
  }

  private void refused(String message, EmbeddingTransformer stage) {
    String got = refusal(() -> stage.transform(texts));
    assertTrue(got.startsWith(message), got);
    assertEquals(got, refusal(() -> stage.transformSchema(texts.schema())));
  }

  /** As PySpark does: names of parameters, and text, numbers and truth values. */
  @Test
  void everyParameterIsSetByItsNameSavedAndLoaded(@TempDir Path folder) throws IOException {
    Map<String, Object> values = new TreeMap<>(Map.of("inputCol", "text", "outputCol", "v", "model",
        "m.onnx", "tokenizer", "t.json", "pooling", "CLS", "keyCol", "id", "badRows", "NULL", "engine",
        "VECTOR", "weightCache", "packs"));
    values.putAll(Map.of("batchTokens", 77, "maxTokens", 99, "int8", true, "sharedWeights", false,
        "sendFiles", true, "artifact", "ALL_MINILM_L6_V2_Q"));
    EmbeddingTransformer stage = new EmbeddingTransformer("all");
    assertEquals(values.keySet(), Arrays.stream(stage.params()).map(Param::name)
        .collect(Collectors.toSet()), "a parameter has a value here");
    values.forEach((name, value) -> stage.set(stage.getParam(name), value));
    stage.save(folder.resolve("stage").toString());
    EmbeddingTransformer loaded = EmbeddingTransformer.read().load(folder.resolve("stage").toString());
    Map<String, Object> got = new TreeMap<>();
    Arrays.stream(loaded.params()).forEach(param -> got.put(param.name(), loaded.getOrDefault(param)));
    assertEquals(values, got);
    assertEquals("all", loaded.uid());
  }

  @Test
  void filesAreSentAndWeightsLieInTheFolder(@TempDir Path folder) throws IOException {
    // no folder that is removed: what was sent stays a part of the one application of all tests
    Path sent = Files.createDirectories(Path.of("target", "sent"));
    Path onnx = SparkEmbeddingsTest.copy(ARTIFACT.resource(), sent.resolve("stage.onnx"));
    Path json = SparkEmbeddingsTest.copy(ARTIFACT.tokenizerResource(), sent.resolve("stage.json"));
    List<Row> expected = SparkEmbeddings.of(ARTIFACT).transform(texts, "text", "vector").collectAsList();
    EmbeddingTransformer stage = new EmbeddingTransformer().setModel(onnx, json, Pooling.MEAN)
        .setInputCol("text").setSendFiles(true).setWeightCache(folder).setEngine(Engine.VECTOR);
    for (int run = 0; run < 2; run++) { // Spark has the files already
      assertEquals(expected, stage.transform(texts).collectAsList());
    }
    assertTrue(Files.exists(Path.of(SparkFiles.get("stage.onnx"))));
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.anyMatch(file -> file.toString().endsWith(".constant")));
    }
    EmbeddingTransformer alone = new EmbeddingTransformer().setModel(onnx, json, Pooling.MEAN)
        .setInputCol("text").setSharedWeights(false);
    assertEquals(expected, alone.transform(texts).collectAsList());
  }

  private static String refusal(Runnable work) {
    return assertThrows(IllegalArgumentException.class, work::run).getMessage();
  }
}
