package dev.octet.cli;

import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Shape;
import dev.octet.quantize.file.WeightFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calibration by the command: ranges, roundings, and what does not fit. */
class QuantizeCalibrationTest {
  private Path folder;
  private Path model;

  @BeforeEach
  void model(@TempDir Path temporary) {
    folder = temporary;
    model = Models.gaussian(folder);
  }

  /** What has no fixed scale is named: its layer would be run otherwise, unsaid. */
  @Test
  void layersWithoutRecordedInputsAreNamed() {
    Path calibration = folder.resolve("inputs.safetensors");
    float[] inputs = new float[2 * 64];
    inputs[3] = 1;
    Models.write(calibration, Map.of("a.input", inputs), Shape.of(2, 64));
    Path out = folder.resolve("out.safetensors");
    Run run = octet("quantize", model, "-o", out, "--scheme", "int8-static", "--calibration", calibration);
    assertEquals(0, run.exit(), run.err());
    assertTrue(
        run.out().contains("no fixed scale of the input, nothing recorded: b.weight, head.weight\n"),
        run.out());
    Run json = octet("quantize", model, "-o", out, "--scheme", "int8-static", "--calibration", calibration,
        "--exclude", "head", "--json");
    assertEquals("[\"b.weight\"]", json.json().get("withoutInputScale").toString());
  }

  /** Of another model, or of another layer of that name. */
  @Test
  void calibrationOfAnotherWidthIsRefused() {
    Path calibration = folder.resolve("narrow.safetensors");
    Models.write(calibration, Map.of("a.input", new float[64]), Shape.of(2, 32));
    Path out = folder.resolve("out.safetensors");
    for (String rounding : List.of("nearest", "gptq")) {
      Run run = octet("quantize", model, "-o", out, "--scheme", "int8-static", "--rounding", rounding,
          "--calibration", calibration);
      assertEquals(1, run.exit());
      assertEquals("octet: tensor a.input: expected rows of 64 features, the inputs of a, got [2, 32]\n",
          run.err());
      assertFalse(Files.exists(out));
    }
    // the layer is not quantized, so its inputs are not asked for
    assertEquals(0, octet("quantize", model, "-o", out, "--scheme", "int8-static", "--exclude", "a",
        "--calibration", calibration).exit());
  }

  @Test
  void staticScalesComeFromCalibration() {
    Path out = folder.resolve("static.safetensors");
    Run without = octet("quantize", model, "-o", out, "--scheme", "int8-static");
    assertEquals(2, without.exit());
    assertTrue(without.err().contains("--calibration"), without.err());
    assertEquals(2,
        octet("quantize", model, "-o", out, "--scheme", "int8-dynamic", "--calibration", model).exit());
    Path calibration = folder.resolve("calibration");
    assertTrue(calibration.toFile().mkdir());
    for (int i = 1; i <= 2; i++) {
      float[] input = new float[128];
      input[5] = -2 * i;
      input[77] = 3.1f * i;
      Models.write(calibration.resolve(i + ".safetensors"), Map.of("a.input", input), Shape.of(2, 64));
    }
    assertEquals(0,
        octet("quantize", model, "-o", out, "--scheme", "int8-static", "--calibration", calibration).exit());
    try (WeightFile file = WeightFile.open(out)) {
      assertEquals(10.2f / 255, file.tensor("a.input_scale").floats()[0], 1e-7f);
      assertEquals(100, file.tensor("a.input_zero_point").integer(0));
    }
    Run nothing = octet("quantize", model, "-o", out, "--scheme", "int8-static", "--calibration", model);
    assertEquals(1, nothing.exit());
    assertTrue(nothing.err().contains("LAYER.input"), nothing.err());
  }

  /** Ranges by hand: 129 rows of 64, of which the last is a batch of its own and has the one large number. */
  @Test
  void observersFindOtherRanges() {
    Path calibration = folder.resolve("inputs.safetensors");
    float[] input = new float[129 * 64];
    Random random = new Random(2);
    for (int i = 0; i < input.length; i++) {
      input[i] = Math.clamp((float) random.nextGaussian(), -2, 2);
    }
    input[0] = 2;
    input[128 * 64 + 7] = 200;
    for (int i = 0; i < 64; i++) {
      input[128 * 64 + i] = Math.max(input[128 * 64 + i], 0);
    }
    input[1] = -2;
    Models.write(calibration, Map.of("a.input", input, "of.another.model.input", input), Shape.of(129, 64));
    assertEquals(202, range(calibration), 1e-3);
    assertEquals(202, range(calibration, "--observer", "min-max"), 1e-3);
    // min: -2, then half way to 0; max: 2, then half way to 200
    assertEquals(1 + 101, range(calibration, "--observer", "moving-average:0.5"), 1e-3);
    assertEquals(1.98 + 2 + 0.01 * 198, range(calibration, "--observer", "moving-average"), 1e-3);
    // half a percent at either end are clipped Gaussian numbers: one bin of 200 / 2048 more at most
    assertEquals(4, range(calibration, "--observer", "percentile:99"), 0.4);
    // of 8256 numbers, the one of 200 is within 99.99 percent at either end
    assertEquals(202, range(calibration, "--observer", "PERCENTILE"), 0.4);
    assertTrue(range(calibration, "--observer", "entropy") < 20);
    double mse = range(calibration, "--observer", "mse");
    assertTrue(mse > 4 && mse < 202, "range " + mse);
  }

  /** The range of a.input in the file that is written. */
  private double range(Path calibration, String... observer) {
    Path out = folder.resolve("observed.safetensors");
    Run run = octet(Stream.concat(Stream.of("quantize", model, "-o", out, "--scheme", "int8-static",
        "--calibration", calibration, "--json"), Stream.of(observer)).toArray());
    assertEquals(0, run.exit(), run.err());
    String name = observer.length == 0 ? "min-max" : observer[1].toLowerCase(Locale.ROOT);
    assertEquals(name, run.json().get("observer").asText());
    try (WeightFile file = WeightFile.open(out)) {
      assertEquals(name, file.metadata().get("octet.observer"));
      assertFalse(file.tensors().stream().anyMatch(t -> t.name().startsWith("of.another.model")));
      return 255 * file.tensor("a.input_scale").floats()[0];
    }
  }

  /** Each method is worth what it promises: the error of weights, and that of the layer's outputs. */
  @Test
  void roundings() {
    Random random = new Random(3);
    float[] inputs = new float[200 * 64];
    for (int r = 0; r < 200; r++) {
      double shared = random.nextGaussian();
      for (int i = 0; i < 64; i++) {
        inputs[r * 64 + i] = (float) (shared * (i % 5 - 2) + 0.2 * random.nextGaussian());
      }
    }
    Path calibration = folder.resolve("inputs.safetensors");
    Models.write(calibration, Map.of("a.input", inputs), Shape.of(200, 64));
    double[][] nearest = noise(inputs, "nearest", List.of("a.weight", "b.weight", "head.weight"));
    double[][] clipping = noise(inputs, "clipping", List.of());
    double[][] gptq = noise(inputs, "gptq", List.of("b.weight", "head.weight"), "--calibration", calibration);
    assertTrue(clipping[0][0] < nearest[0][0] && clipping[1][0] < nearest[1][0], "weights");
    // 3 dB and more
    assertTrue(gptq[0][1] < 0.5 * nearest[0][1], gptq[0][1] + " of " + nearest[0][1] + " with gptq");
    assertEquals(nearest[1][0], gptq[1][0], "nothing was recorded of b");

    Run said = octet("quantize", model, "-o", folder.resolve("out.safetensors"), "--scheme", "int4-static",
        "--rounding", "GPTQ", "--calibration", calibration, "--observer", "mse");
    assertEquals(0, said.exit(), said.err());
    assertTrue(said.out().contains("no matrix with recorded inputs: b.weight, head.weight"), said.out());
    try (WeightFile file = WeightFile.open(folder.resolve("out.safetensors"))) {
      assertTrue(file.tensor("a.input_scale").floats()[0] > 0);
    }
  }

  /** Of a and b: squared errors of the weights, and of outputs on inputs; int4 weights in groups. */
  private double[][] noise(float[] inputs, String rounding, List<String> toNearest, Object... more) {
    Path out = folder.resolve(rounding + ".safetensors");
    Run run = octet(Stream.concat(Stream.of("quantize", model, "-o", out, "--scheme", "int4-weight-only",
        "--rounding", rounding, "--json"), Stream.of(more)).toArray());
    assertEquals(0, run.exit(), run.err());
    assertEquals(rounding, run.json().get("rounding").asText());
    List<String> named = new ArrayList<>();
    run.json().get("roundedToNearest").forEach(name -> named.add(name.asText()));
    assertEquals(toNearest, named.stream().sorted().toList());
    double[][] noise = new double[2][2];
    try (WeightFile before = WeightFile.open(model); WeightFile after = WeightFile.open(out)) {
      assertEquals(rounding, after.metadata().get("octet.rounding"));
      for (int n = 0; n < 2; n++) {
        String name = List.of("a.weight", "b.weight").get(n);
        float[] real = before.tensor(name).floats();
        double[] error = new double[real.length];
        for (int i = 0; i < error.length; i++) {
          error[i] = (double) real[i] - after.quantized(name).real(i);
          noise[n][0] += error[i] * error[i];
        }
        for (int r = 0; r < 200; r++) {
          for (int o = 0; o < 64; o++) {
            double sum = 0;
            for (int i = 0; i < 64; i++) {
              sum += error[o * 64 + i] * inputs[r * 64 + i];
            }
            noise[n][1] += sum * sum;
          }
        }
      }
    }
    return noise;
  }

  @Test
  void roundingsThatMakeNoSense() {
    Path out = folder.resolve("out.safetensors");
    Run without = octet("quantize", model, "-o", out, "--scheme", "int8-dynamic", "--rounding", "gptq");
    assertEquals(2, without.exit());
    assertTrue(without.err().contains("--rounding gptq needs --calibration"), without.err());
    Run unused = octet("quantize", model, "-o", out, "--scheme", "int8-dynamic", "--rounding", "clipping",
        "--calibration", model);
    assertEquals(2, unused.exit());
    assertTrue(unused.err().contains("with --rounding clipping takes none"), unused.err());
    Run unknown = octet("quantize", model, "-o", out, "--scheme", "int8-dynamic", "--rounding", "awq");
    assertEquals(2, unknown.exit());
    assertTrue(unknown.err().contains("GPTQ"), unknown.err());
    Run nothing = octet("quantize", model, "-o", out, "--scheme", "int8-dynamic", "--rounding", "gptq",
        "--calibration", model);
    assertEquals(1, nothing.exit());
    assertTrue(nothing.err().contains("LAYER.input"), nothing.err());
    Path narrow = folder.resolve("narrow.safetensors");
    Models.write(narrow, Map.of("a.input", new float[64]), Shape.of(2, 32));
    Run features = octet("quantize", model, "-o", out, "--scheme", "int8-dynamic", "--rounding", "gptq",
        "--calibration", narrow);
    assertEquals(1, features.exit());
    assertTrue(features.err().contains("a.input: expected rows of 64 features"), features.err());
    assertFalse(Files.exists(out));
  }

  @Test
  void observersThatMakeNoSense() {
    Path out = folder.resolve("out.safetensors");
    Map<String, String> wrong = Map.of("percentile:40", "above 50", "percentile:x", "x", "entropy:3",
        "entropy takes no parameter, got 3", "moving-average:0", "above 0", "moving-average:NaN", "NaN",
        "histogram", "[min-max, moving-average, percentile, entropy, mse]");
    wrong.forEach((observer, message) -> {
      Run run = octet("quantize", model, "-o", out, "--scheme", "int8-static", "--calibration", model,
          "--observer", observer);
      assertEquals(2, run.exit(), run.err());
      assertTrue(run.err().contains(message), run.err());
    });
    Run dynamic = octet("quantize", model, "-o", out, "--scheme", "int8-dynamic", "--observer", "entropy");
    assertEquals(2, dynamic.exit());
    assertTrue(dynamic.err().contains("--observer: --scheme int8-dynamic"), dynamic.err());
    assertFalse(Files.exists(out));
  }
}
