package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.Gptq;
import dev.octet.quantize.QuantizationScheme;
import dev.octet.quantize.file.QuantizationSummary.Outcome;
import dev.octet.testing.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as public reports describe them: nothing is lost, and what belongs to another tool is left alone. */
class CasesTest {
  /** What would get a name that is taken, and the layer that is to be left out. */
  private static final Map<String, String> CLASHES = Map.of("own_zp.safetensors", "a",
      "own_scale.safetensors", "attn", "own_scale2.safetensors", "logit", "stray_zp.safetensors", "a");
  private static final Map<String, String> FORMATS = Map.of("gptq.safetensors", "GPTQ", "awq.safetensors",
      "AWQ", "ct_packed.safetensors", "compressed-tensors pack-quantized", "fp8_channel.safetensors", "FP8",
      "nvfp4.safetensors", "NVFP4", "ms_w4a8", "ModelSlim W4A8_DYNAMIC", "ms_w4a16", "ModelSlim W4A16");

  private Path cases;
  @TempDir
  Path folder;

  @BeforeEach
  void find() {
    Optional<Path> shared = Repository.shared("cases");
    assumeTrue(shared.isPresent(), "skipped, no conformance data");
    cases = shared.get();
  }

  @Test
  void nothingIsLost() throws IOException {
    int held = 0;
    for (Path path : files()) {
      if (!CLASHES.containsKey(path.getFileName().toString())) {
        for (QuantizationScheme scheme : List.of(QuantizationScheme.int8Dynamic(),
            QuantizationScheme.int4Dynamic())) {
          NothingIsLost.quantize(path, folder.resolve("out.safetensors"), scheme);
        }
        held++;
      }
    }
    assertTrue(held > 15, "only " + held);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> entries = Files.list(cases)) {
      return entries.filter(path -> path.getFileName().toString().matches(".*\\.(safetensors|onnx)|ms_.*"))
          .sorted().toList();
    }
  }

  @Test
  void formsOfOtherToolsAreNamedAndCopied() {
    FORMATS.forEach((file, format) -> {
      try (WeightFile weights = WeightFile.open(cases.resolve(file))) {
        assertEquals(List.of(format), weights.foreign().stream().map(ForeignWeights::format).toList(), file);
      }
      QuantizationSummary summary = NothingIsLost.quantize(cases.resolve(file),
          folder.resolve("out.safetensors"), QuantizationScheme.int8Dynamic());
      assertEquals(List.of(), summary.names(Outcome.QUANTIZED), file);
      assertTrue(summary.text(Outcome.COPIED).contains("of " + format + " weights"), summary.toString());
    });
  }

  @Test
  void clashesAreNamedBeforeAnythingIsWritten() throws IOException {
    for (Map.Entry<String, String> clash : CLASHES.entrySet()) {
      Path in = cases.resolve(clash.getKey());
      Path out = folder.resolve("out.safetensors");
      String said = assertThrows(IllegalArgumentException.class,
          () -> NothingIsLost.quantize(in, out, QuantizationScheme.int8Dynamic())).getMessage();
      assertTrue(said.contains("--exclude " + clash.getValue()), said);
      try (Stream<Path> left = Files.list(folder)) {
        assertEquals(List.of(), left.toList());
      }
      assertEquals(Map.of(),
          NothingIsLost.quantize(in, out, QuantizationScheme.int8Dynamic().exclude(clash.getValue()))
              .counts(Outcome.QUANTIZED));
      Files.delete(out);
    }
  }

  @Test
  void oddTensorsBlockNoFile() {
    QuantizationSummary summary = NothingIsLost.quantize(cases.resolve("u8_buffer.safetensors"),
        folder.resolve("out.safetensors"), QuantizationScheme.int8Dynamic());
    assertEquals(List.of("fc.weight"), summary.names(Outcome.QUANTIZED));
    assertTrue(summary.text(Outcome.COPIED).contains("1 with scales that do not fit"), summary.toString());
    summary = NothingIsLost.quantize(cases.resolve("zero_scale.safetensors"),
        folder.resolve("out.safetensors"), QuantizationScheme.int8Dynamic());
    assertEquals(List.of(), summary.names(Outcome.QUANTIZED), "the scales are no layer");
  }

  @Test
  void textOfTheSourceIsCarriedOver() {
    NothingIsLost.quantize(cases.resolve("alias.safetensors"), folder.resolve("out.safetensors"),
        QuantizationScheme.int8Dynamic());
    try (WeightFile after = WeightFile.open(folder.resolve("out.safetensors"))) {
      assertEquals("pt", after.metadata().get("format"));
      assertEquals("model.decoder.embed_tokens.weight", after.metadata().get("model.shared.weight"));
      assertFalse(after.metadata().get(StoredQuantization.KEY).isEmpty());
    }
  }

  /** Weights whose inputs were always 0 are rounded to nearest, and said so. */
  @Test
  void gptqOfDeadFeaturesIsRoundingToNearest() {
    Path model = cases.resolve("gptq_inputs/model.safetensors");
    Path out = folder.resolve("out.safetensors");
    for (Map.Entry<String, Integer> inputs : Map.of("zeros", 64, "dead", 3).entrySet()) {
      Path path = cases.resolve("gptq_inputs/" + inputs.getKey() + ".safetensors");
      try (WeightFile file = WeightFile.open(model); RecordedInputs recorded = RecordedInputs.open(path)) {
        GptqRounding gptq = new GptqRounding(file, recorded, Gptq.DAMPING);
        WeightQuantizer.quantize(file, out, new SchemeChoice(QuantizationScheme.int4Dynamic()), gptq,
            List.of(), Map.of(), (name, done, total) -> {
            });
        assertEquals(Map.of("l", inputs.getValue()), gptq.deadFeatures());
        float[] most = recorded.moments("l", 64, false).absmax();
        float[] weights = file.tensor("l.weight").floats();
        try (WeightFile written = WeightFile.open(out)) {
          QTensor rounded = written.quantized("l.weight");
          for (int e = 0; e < weights.length; e++) {
            if (most[e % 64] == 0) {
              float scale = rounded.quantization().scale(e / 32);
              assertEquals(weights[e], rounded.real(e), 0.5001f * scale, inputs.getKey() + "[" + e + "]");
            }
          }
        }
      }
    }
  }

  @Test
  void anOutlierThatHidesTheRestIsNamed() {
    try (
        RecordedInputs recorded = RecordedInputs.open(cases.resolve("one_outlier/calibration.safetensors"))) {
      List<String> warnings = recorded.observe("l", CalibrationMethod.percentile(99)).warnings();
      assertEquals(1, warnings.size());
      assertTrue(warnings.getFirst().startsWith("l.input: "), warnings.getFirst());
    }
  }

  /** A pruned channel: its scale is 0, and so is every weight of it. */
  @Test
  void aChannelWithAScaleOf0Is0() {
    try (WeightFile file = WeightFile.open(cases.resolve("zero_scale.safetensors"))) {
      assertEquals(Map.of(), file.unreadable());
      QTensor weights = file.quantized("l.weight");
      Quantization q = weights.quantization();
      int inputs = weights.shape().intDim(1);
      List<Integer> pruned = IntStream.range(0, q.count()).filter(c -> q.scale(c) == 0).boxed().toList();
      assertEquals(1, pruned.size());
      for (long e = 0; e < weights.shape().elements(); e++) {
        boolean zero = pruned.contains((int) (e / inputs)) || weights.get(e) == 0;
        assertEquals(zero, weights.real(e) == 0, "l.weight[" + e + "]");
      }
    }
  }
}
