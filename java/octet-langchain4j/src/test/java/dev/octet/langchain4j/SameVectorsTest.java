package dev.octet.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.octet.onnx.OnnxOptions;
import dev.octet.onnx.OnnxQuantization;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The vectors of langchain4j's own classes, on the ONNX Runtime that Octet is tested with. */
@Tag("oracle")
class SameVectorsTest {
  private static final double FLOATS = 0.99999;
  private static final double QUANTIZED = 0.99;
  /**
   * Where floats in between differ in the last bit, an integer may round the other way, and all that follows
   * carries it on: a vector is either the same to seven digits or has a cosine of some 0.995. ONNX Runtime
   * running the nodes of a file and ONNX Runtime fusing them, which is its default, are as far apart.
   */
  private static final double INTEGERS = 0.999;

  private static double near(String what, List<Embedding> expected, List<Embedding> actual) {
    double[] cosines = Judge.cosines(expected, actual);
    double mean = Arrays.stream(cosines).average().orElseThrow();
    double spearman = Judge.spearman(expected, actual);
    System.out.printf("%s, %d texts: cosine %.7f in the mean, %.5f at least; Spearman of similarities %.5f%n",
        what, cosines.length, mean, Arrays.stream(cosines).min().orElseThrow(), spearman);
    assertTrue(spearman >= 0.99, what + ": Spearman " + spearman);
    return mean;
  }

  private static List<TextSegment> texts() {
    List<String> texts = new ArrayList<>(Texts.SENTENCES);
    texts.addAll(Texts.LONG);
    return Texts.segments(texts);
  }

  @ParameterizedTest
  @EnumSource(names = {"ALL_MINILM_L6_V2", "BGE_SMALL_EN_V15"})
  void ofFloatModels(EmbeddingArtifact artifact) {
    EmbeddingModel judge = Judge.of(artifact);
    Response<List<Embedding>> expected = judge.embedAll(texts());
    try (OctetEmbeddingModel model = OctetEmbeddingModel.builder().artifact(artifact).build()) {
      Response<List<Embedding>> actual = model.embedAll(texts());
      assertEquals(expected.tokenUsage(), actual.tokenUsage());
      assertEquals(judge.dimension(), model.dimension());
      double mean = near(artifact.modelName(), expected.content(), actual.content());
      assertTrue(mean >= FLOATS, artifact + ": " + mean);
    }
  }

  /** The FP32 file, quantized when it is prepared: near what langchain4j's class makes of it in floats. */
  @ParameterizedTest
  @EnumSource(names = {"ALL_MINILM_L6_V2", "BGE_SMALL_EN_V15"})
  void ofFloatModelsInInt8(EmbeddingArtifact artifact) {
    List<Embedding> expected = Judge.of(artifact).embedAll(texts()).content();
    OnnxOptions int8 = OnnxOptions.defaults().quantize(OnnxQuantization.int8Dynamic());
    try (
        OctetEmbeddingModel model = OctetEmbeddingModel.builder().artifact(artifact).options(int8).build()) {
      double mean = near(artifact.modelName() + " in int8", expected, model.embedAll(texts()).content());
      assertTrue(mean >= QUANTIZED, artifact + ": " + mean);
      assertTrue(mean < FLOATS, artifact + " is not quantized: " + mean);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ALL_MINILM_L6_V2_Q", "BGE_SMALL_EN_V15_Q", "E5_SMALL_V2_Q"})
  void ofQuantizedModels(EmbeddingArtifact artifact) throws IOException, OrtException {
    Response<List<Embedding>> expected = Judge.of(artifact).embedAll(texts());
    List<Embedding> nodeByNode = Judge.nodeByNode(artifact).embedAll(texts()).content();
    try (OctetEmbeddingModel model = OctetEmbeddingModel.builder().artifact(artifact).build()) {
      Response<List<Embedding>> actual = model.embedAll(texts());
      assertEquals(expected.tokenUsage(), actual.tokenUsage());
      double mean = near(artifact.modelName() + ", node by node", nodeByNode, actual.content());
      assertTrue(mean >= INTEGERS, artifact + ": " + mean);
      double fused = near(artifact.modelName() + ", fused", expected.content(), actual.content());
      double itself = near(artifact.modelName() + ", the judge node by node and fused", expected.content(),
          nodeByNode);
      assertTrue(1 - fused <= 1.5 * (1 - itself), artifact + ": " + fused + ", the judge " + itself);
    }
  }

  @Test
  void ofTextsThatAreSplit() throws IOException, OrtException, ReflectiveOperationException {
    EmbeddingArtifact artifact = EmbeddingArtifact.ALL_MINILM_L6_V2;
    List<String> texts = new ArrayList<>(Texts.LONG);
    for (int words : new int[]{509, 510, 511, 512, 1021}) {
      texts.add("word ".repeat(words));
    }
    String rare = "pneumonoultramicroscopicsilicovolcanoconiosis ";
    texts.add("word ".repeat(507) + rare + "end ".repeat(20));
    List<TextSegment> segments = Texts.segments(texts);
    Response<List<Embedding>> expected = Judge.splitting(artifact).embedAll(segments);
    try (OctetEmbeddingModel model = OctetEmbeddingModel.builder().artifact(artifact)
        .maxTokens(Integer.MAX_VALUE).build()) {
      Response<List<Embedding>> actual = model.embedAll(segments);
      assertEquals(expected.tokenUsage(), actual.tokenUsage());
      double mean = near("texts that are split", expected.content(), actual.content());
      assertTrue(mean >= FLOATS, "split: " + mean);
    }
  }
}
