package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Convolutional models that packages ship, as {@code ci/models} fetches them, against ONNX Runtime: text in
 * images is found, turned and read, spoken words are recognized, and voices heard. The folder of the files is
 * the property {@code octet.models}.
 */
class ModelsTest {
  private static final long SEED = 41;
  private static final String TEXT = "OCTET 8 BIT";
  /** Of the larger one of 1 and the largest float: sums in another order, through up to 60 layers. */
  private static final double BOUND = 2e-4;

  private static Path file(String name) {
    String folder = System.getProperty("octet.models");
    assumeTrue(folder != null,
        "skipped, no models: ci/models fetches them, and prints the property octet.models=FOLDER");
    return Path.of(folder, name);
  }

  private static double difference(float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    double most = 0;
    double largest = 1;
    for (int i = 0; i < expected.length; i++) {
      most = Float.isNaN(actual[i]) ? Double.NaN : Math.max(most, Math.abs(expected[i] - actual[i]));
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    return most / largest;
  }

  /** Checks the one output of a model; returns ONNX Runtime's. */
  private static float[] judged(String name, Tensor x) throws IOException {
    Path path = file(name);
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel model = OnnxModel.open(path);
        PreparedOnnx rewritten = model.prepare(octet);
        PreparedOnnx plain = model.prepare(octet, OnnxOptions.defaults().withoutRewrites())) {
      Map<String, Tensor> inputs = Map.of(model.inputs().getFirst().name(), x);
      Tensor expected = OnnxRuntimeJudge.run(Files.readAllBytes(path), inputs).values().iterator().next();
      Tensor actual = rewritten.run(inputs).values().iterator().next();
      assertEquals(expected.toString(), actual.toString(), name);
      double most = difference(expected.floats(), actual.floats());
      double plainly = difference(expected.floats(), plain.run(inputs).values().iterator().next().floats());
      System.out.printf("%s: %s from %s, largest difference %.2g, without rewrites %.2g; %d nodes, %s%n",
          name,
          actual, x, most, plainly, rewritten.nodes().size(),
          RewritesTest.operators(rewritten));
      assertTrue(most < BOUND && plainly < BOUND, name + ": " + most + ", without rewrites " + plainly);
      return expected.floats();
    }
  }

  @Test
  void textIsFound() throws IOException {
    float[] map = judged("ch_PP-OCRv4_det_infer.onnx", TextImage.of(TEXT, 320, 320, 4, 2, false));
    long found = IntStream.range(0, map.length).filter(i -> map[i] > 0.5f).count();
    assertTrue(found > 1000, found + " pixels of text");
  }

  @Test
  void textIsRead() throws IOException {
    float[] rows = judged("ch_PP-OCRv4_rec_infer.onnx", TextImage.of(TEXT, 48, 320, 4, 1, false));
    int classes = 6625;
    long letters = IntStream.range(0, rows.length / classes)
        .filter(row -> IntStream.range(1, classes).anyMatch(i -> rows[row * classes + i] > 0.5f)).count();
    assertTrue(letters >= TEXT.replace(" ", "").length(), letters + " letters");
  }

  @Test
  void textThatStandsOnItsHeadIsTurned() throws IOException {
    String name = "ch_ppocr_mobile_v2.0_cls_infer.onnx";
    float[] upright = judged(name, TextImage.of("OCTET", 48, 192, 5, 1, false));
    float[] turned = judged(name, TextImage.of("OCTET", 48, 192, 5, 1, true));
    assertTrue(upright[0] > turned[0], upright[0] + ", turned " + turned[0]);
  }

  /** From sound to its spectrum, to what it sounds like, to words. */
  @ParameterizedTest
  @CsvSource({
      "melspectrogram.onnx, 1x16000, 1000",
      "embedding_model.onnx, 2x76x32x1, 3",
      "alexa_v0.1.onnx, 1x16x96, 3",
      "hey_mycroft_v0.1.onnx, 1x16x96, 3",
      "hey_rhasspy_v0.1.onnx, 1x16x96, 3",
      "timer_v0.1.onnx, 1x34x96, 3",
      "weather_v0.1.onnx, 1x22x96, 3"})
  void soundBecomesWords(String name, String shape, float magnitude) throws IOException {
    long[] dims = Arrays.stream(shape.split("x")).mapToLong(Long::parseLong).toArray();
    judged(name, new TestData(SEED).floats(magnitude, dims));
  }

  /** Sound in frames, each with the state that the one before left, at both rates that the models know. */
  @ParameterizedTest
  @CsvSource({"silero_vad_v5.onnx, 16000, 512", "silero_vad_v5.onnx, 8000, 256",
      "silero_vad_v6.onnx, 16000, 512"})
  void voiceIsHeard(String name, long rate, int samples) throws IOException {
    Path path = file(name);
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel model = OnnxModel.open(path);
        PreparedOnnx prepared = model.prepare(octet);
        OnnxRuntimeJudge judge = new OnnxRuntimeJudge(Files.readAllBytes(path))) {
      for (int batch = 1; batch < 3; batch++) {
        TestData data = new TestData(SEED);
        Tensor state = Tensor.floats(Shape.of(2, batch, 128), new float[256 * batch]);
        double most = 0;
        for (int frame = 0; frame < 8; frame++) {
          Map<String, Tensor> inputs = Map.of("input", data.floats(0.1f * (frame + 1), batch, samples),
              "state",
              state, "sr", Tensor.longs(Shape.of(), rate));
          Map<String, Tensor> expected = judge.run(inputs);
          Map<String, Tensor> actual = prepared.run(inputs);
          for (String output : List.of("output", "stateN")) {
            assertEquals(expected.get(output).toString(), actual.get(output).toString(), name);
            most = Math.max(most, difference(expected.get(output).floats(), actual.get(output).floats()));
          }
          state = expected.get("stateN");
        }
        System.out.printf("%s at %d, batch %d: largest difference %.2g%n", name, rate, batch, most);
        assertTrue(most < BOUND, name + ": " + most);
      }
    }
  }

  private static final Set<String> INTEGERS = Set.of("DynamicQuantizeLinear", "ConvInteger", "MatMulInteger",
      "QuantizeLinear", "DequantizeLinear");

  /** Samples of what a model sees. */
  private static List<Map<String, Tensor>> samples(String name, String input, long[] dims, float magnitude) {
    TestData data = new TestData(SEED);
    List<Map<String, Tensor>> samples = new ArrayList<>();
    for (String text : List.of(TEXT, "BIT", "OCTET", "TOO 8 COB")) {
      samples.add(Map.of(input, name.contains("ocr") || name.contains("OCR")
          ? TextImage.of(text, (int) dims[2], (int) dims[3], 4, 1, false)
          : data.floats(magnitude, dims)));
    }
    return samples;
  }

  /** Quantized and written, every node of integers by itself has ONNX Runtime's, and the whole is near. */
  @ParameterizedTest
  @CsvSource({
      "ch_PP-OCRv4_det_infer.onnx, 1x3x160x320, 1, 0.93",
      "ch_PP-OCRv4_rec_infer.onnx, 1x3x48x320, 1, 0.9",
      "ch_ppocr_mobile_v2.0_cls_infer.onnx, 1x3x48x192, 1, 0.9",
      "embedding_model.onnx, 1x76x32x1, 3, 0.99",
      "melspectrogram.onnx, 1x16000, 1000, 0.99",
      "alexa_v0.1.onnx, 1x16x96, 3, 0.9",
      "hey_mycroft_v0.1.onnx, 1x16x96, 3, 0.9"})
  void quantizedNodesHaveOnnxRuntimesIntegers(String name, String shape, float magnitude, double least,
      @TempDir Path folder) throws IOException {
    long[] dims = Arrays.stream(shape.split("x")).mapToLong(Long::parseLong).toArray();
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel model = OnnxModel.open(file(name));
        PreparedOnnx floats = model.prepare(octet)) {
      List<Map<String, Tensor>> samples = samples(name, model.inputs().getFirst().name(), dims, magnitude);
      Map<String, Tensor> inputs = samples.getFirst();
      for (OnnxQuantization how : List.of(OnnxQuantization.int8Dynamic(),
          OnnxQuantization.int8Static(samples))) {
        Path file = folder.resolve("quantized.onnx");
        QuantizedOnnx quantized = model.quantize(octet, how);
        quantized.write(file);
        ModelProto proto = ModelProto.parseFrom(Files.readAllBytes(file));
        Map<String, Tensor> values = EmbeddingModelsTest.everyValue(proto, inputs);
        Set<String> constants = proto.getGraph().getInitializerList().stream().map(TensorProto::getName)
            .collect(Collectors.toSet());
        Map<String, Integer> equal = new TreeMap<>();
        for (NodeProto node : proto.getGraph().getNodeList()) {
          if (INTEGERS.contains(node.getOpType()) && !constants.contains(node.getInput(0))) {
            EmbeddingModelsTest.compare(name + ", " + node.getName(), octet,
                EmbeddingModelsTest.part(proto, List.of(node), values, node.getOutputList()), values,
                node.getOpType());
            equal.merge(node.getOpType(), 1, Integer::sum);
          }
        }
        try (OnnxModel reopened = OnnxModel.open(file); PreparedOnnx prepared = reopened.prepare(octet)) {
          float[] expected = values.get(model.outputs().getFirst().name()).floats();
          float[] actual = prepared.run(inputs).values().iterator().next().floats();
          double same = EmbeddingModelsTest.cosine(expected, actual);
          double near = EmbeddingModelsTest.cosine(floats.run(inputs).values().iterator().next().floats(),
              actual);
          System.out.printf(
              "%s, %s: %s; nodes tried and equal %s; cosine to ONNX Runtime %.6f, to floats %.5f%n",
              name, how.calibrator().isEmpty() ? "dynamic" : "static", quantized, equal, same, near);
          assertTrue(same > 0.99 && near > least, name + ": " + same + ", " + near);
        }
      }
    }
  }
}
