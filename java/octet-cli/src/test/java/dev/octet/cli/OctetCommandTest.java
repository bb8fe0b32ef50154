package dev.octet.cli;

import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.octet.Engine;
import dev.octet.EngineStatus;
import dev.octet.Shape;
import dev.octet.quantize.file.SafetensorsWriter;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import dev.octet.quantize.file.StoredType;
import dev.octet.quantize.file.WeightFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands as people call them: output, exit codes, files. */
class OctetCommandTest {
  @TempDir
  Path folder;
  private Path model;

  @BeforeEach
  void model() {
    model = folder.resolve("model.safetensors");
    Random random = new Random(1);
    Map<String, float[]> tensors = new LinkedHashMap<>();
    for (String name : List.of("a.weight", "b.weight", "head.weight")) {
      float[] values = new float[64 * 64];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      tensors.put(name, values);
    }
    write(model, tensors, Shape.of(64, 64));
  }

  private static void write(Path path, Map<String, float[]> tensors, Shape shape) {
    try (SafetensorsWriter writer = new SafetensorsWriter(path,
        tensors.keySet().stream().map(name -> new Slot(name, StoredType.F32, shape)).toList(), Map.of())) {
      tensors.forEach((name, values) -> {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        writer.write(name, MemorySegment.ofBuffer(bytes));
      });
      writer.commit();
    }
  }

  @Test
  void anInputIsNeverOverwritten() throws java.io.IOException {
    byte[] before = Files.readAllBytes(model);
    Path link = Files.createSymbolicLink(folder.resolve("link.safetensors"), model);
    for (Path out : List.of(model, link)) {
      Run run = octet("quantize", model.toString(), "-o", out.toString(), "-s", "int8-dynamic");
      assertEquals(1, run.exit());
      assertTrue(run.err().contains("is the input"), run.err());
    }
    Run report = octet("verify", model.toString(), model.toString(), "--report", model.toString());
    assertEquals(1, report.exit());
    assertTrue(report.err().contains("--report: " + model + " is the input"), report.err());
    assertEquals(-1, java.util.Arrays.mismatch(before, Files.readAllBytes(model)));
  }

  @Test
  void infoNamesEveryEngineAndWhy() {
    Run text = octet("info");
    assertEquals(0, text.exit(), text.err());
    for (Engine engine : Engine.values()) {
      assertTrue(text.out().contains(engine.name()), text.out());
    }
    assertTrue(text.out().contains("ONEDNN not available"), text.out());
    assertFalse(text.out().contains("\u001b"), "colours without a terminal");
    Run json = octet("info", "--json");
    assertEquals(Engine.values().length, json.json().get("engines").size());
    assertEquals("SCALAR", json.json().get("engines").get(3).get("engine").asText());
  }

  @Test
  void adviceDependsOnWhatIsThere() {
    assertTrue(InfoCommand.advice(List.of(new EngineStatus(Engine.NATIVE, true, "avx512vnni kernels", null)))
        .contains("nothing to do"));
    assertTrue(InfoCommand.advice(List.of(new EngineStatus(Engine.NATIVE, true, "avx2 kernels", null)))
        .contains("VNNI"));
    assertTrue(
        InfoCommand.advice(List.of(new EngineStatus(Engine.NATIVE, false, "no library for this system", null),
            new EngineStatus(Engine.VECTOR, true, "", null))).contains("see what NATIVE says"));
    assertTrue(InfoCommand.advice(List.of(new EngineStatus(Engine.NATIVE, false, "", null),
        new EngineStatus(Engine.VECTOR, false, "", null))).contains("--add-modules"));
  }

  @Test
  void quantizeWithOutputsLast() {
    Path out = folder.resolve("int4.safetensors");
    Run run = octet("quantize", model, "-o", out, "-s", "int4-dynamic", "--outputs-last", "a", "--json");
    assertEquals(0, run.exit(), run.err());
    assertEquals("[\"a.weight\"]", run.json().get("outputsLast").toString());
    assertTrue(run.json().get("tensors").toString().contains("S4 per group of 32 (outputs last)"), run.out());
    try (WeightFile file = WeightFile.open(out)) {
      assertEquals(1, file.outputAxis("a.weight"));
      assertEquals(0, file.quantized("a.weight").quantization().axis());
    }
    Run none = octet("quantize", model, "-o", out, "-s", "int4-dynamic", "--outputs-last", "no");
    assertEquals(1, none.exit());
    assertTrue(none.err().contains("got \"no\", which is none's"), none.err());
  }

  @Test
  void globsThatMatchNothingAreNamed() {
    Run run = octet("quantize", model, "-o", folder.resolve("globs.safetensors"), "-s", "int8-dynamic",
        "--exclude", "a.weight", "--exclude", "a");
    assertEquals(0, run.exit(), run.err());
    assertTrue(run.out().contains("no layer has a name that \"a.weight\" matches"), run.out());
    assertFalse(run.out().contains("\"a\" matches"), run.out());
  }

  @Test
  void quantizeInspectVerify() {
    Path out = folder.resolve("int8.safetensors");
    Run quantized = octet("quantize", model, "-o", out, "--scheme", "int8-dynamic", "--exclude", "head*",
        "--json");
    assertEquals(0, quantized.exit(), quantized.err());
    assertEquals(2, quantized.json().get("quantized").size());
    try (WeightFile file = WeightFile.open(out)) {
      assertEquals(List.of("a.weight", "b.weight"), file.quantizedNames().stream().sorted().toList());
      assertEquals("int8-dynamic", file.metadata().get("octet.scheme"));
    }
    Run inspected = octet("inspect", out);
    assertTrue(inspected.out().contains("S8 [64, 64] per channel on axis 0"), inspected.out());
    assertTrue(inspected.out().contains("\n2 weights are quantized already: S8 per channel\n"),
        inspected.out());
    assertEquals(5, octet("inspect", out, "--json").json().get("tensors").size());
    Run again = octet("quantize", out, "-o", folder.resolve("again.safetensors"), "-s", "int8-dynamic");
    assertTrue(again.out().contains("carried over: 2 weights are quantized already: S8 per channel"),
        again.out());
    Path page = folder.resolve("report.html");
    Run verified = octet("verify", model, out, "--report", page);
    assertEquals(0, verified.exit(), verified.out());
    assertTrue(verified.out().contains("3 tensors, of which 2 changed"), verified.out());
    assertTrue(Files.exists(page));
    Run strict = octet("verify", model, out, "--min-sqnr", "60", "--json");
    assertEquals(1, strict.exit());
    assertEquals(2, strict.json().get("tooFar").size());
    assertFalse(strict.json().get("good").asBoolean());
  }

  /** A model of two files goes through every command that reads weights. */
  @Test
  void shardedSafetensors() throws IOException {
    Path shards = Files.createDirectory(folder.resolve("sharded"));
    try (WeightFile file = WeightFile.open(model)) {
      write(shards.resolve("1.safetensors"), Map.of("a.weight", file.tensor("a.weight").floats(), "b.weight",
          file.tensor("b.weight").floats()), Shape.of(64, 64));
      write(shards.resolve("2.safetensors"), Map.of("head.weight", file.tensor("head.weight").floats()),
          Shape.of(64, 64));
    }
    Path index = shards.resolve("model.safetensors.index.json");
    Files.writeString(index, """
        {"metadata": {"total_size": 49152}, "weight_map": {"a.weight": "1.safetensors",
         "b.weight": "1.safetensors", "head.weight": "2.safetensors"}}
        """);
    Run inspected = octet("inspect", shards);
    assertTrue(inspected.out().startsWith("sharded safetensors, 3 tensors, 49.2 kB"), inspected.out());
    Path out = folder.resolve("int8.safetensors");
    Run quantized = octet("quantize", index, "-o", out, "--scheme", "int8-dynamic", "--json");
    assertEquals(0, quantized.exit(), quantized.err());
    assertEquals(49152, quantized.json().get("bytesBefore").asLong());
    for (Path reference : List.of(shards, index, model)) {
      Run verified = octet("verify", reference, out, "--min-sqnr", "30");
      assertEquals(0, verified.exit(), verified.out());
      assertTrue(verified.out().contains("3 tensors, of which 3 changed"), verified.out());
    }
    assertEquals(0, octet("verify", model, shards, "--json").exit());
    Files.delete(shards.resolve("2.safetensors"));
    Run missing = octet("quantize", index, "-o", out, "--scheme", "int8-dynamic");
    assertEquals(1, missing.exit());
    assertTrue(missing.err().contains("there is no file \"2.safetensors\""), missing.err());
  }

  @Test
  void includeAndGroups() {
    Path out = folder.resolve("int4.safetensors");
    Run run = octet("quantize", model, "-o", out, "--scheme", "int4-weight-only", "--group", 64, "--include",
        "a",
        "--json");
    assertEquals(0, run.exit(), run.err());
    try (WeightFile file = WeightFile.open(out)) {
      assertEquals(List.of("a.weight"), file.quantizedNames());
      assertEquals(64, file.quantized("a.weight").quantization().groupSize());
    }
  }

  @Test
  void namesThatSteerAreShownOnThePage() throws IOException {
    String name = "<b>\u001b[31m\u202e.weight";
    Path odd = folder.resolve("odd.safetensors");
    write(odd, Map.of(name, new float[64 * 64]), Shape.of(64, 64));
    Path page = folder.resolve("odd.html");
    assertEquals(0, octet("verify", odd, odd, "--report", page).exit());
    assertEquals(1, octet("verify", odd, model, "--report", folder.resolve("missing.html")).exit());
    for (String html : List.of(Files.readString(page), Files.readString(folder.resolve("missing.html")))) {
      assertTrue(html.contains("&lt;b&gt;\\u001b[31m\\u202e.weight"), html);
      assertTrue(html.chars().noneMatch(c -> c == '\u001b' || c == '\u202e'), html);
    }
  }

  @Test
  void verifyMissesTensors() {
    Path other = folder.resolve("other.safetensors");
    write(other, Map.of("a.weight", new float[64 * 64]), Shape.of(64, 64));
    Run run = octet("verify", model, other);
    assertEquals(1, run.exit());
    assertTrue(run.out().contains("missing or of another shape: head.weight"), run.out());
    assertTrue(run.out().contains("below 10.0 dB: a.weight"), run.out());
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
      write(calibration.resolve(i + ".safetensors"), Map.of("a.input", input), Shape.of(2, 64));
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
    write(calibration, Map.of("a.input", input, "of.another.model.input", input), Shape.of(129, 64));
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
    write(calibration, Map.of("a.input", inputs), Shape.of(200, 64));
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
    write(narrow, Map.of("a.input", new float[64]), Shape.of(2, 32));
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

  @Test
  void failuresAreOneLineAndLeaveNothing() throws IOException {
    Path out = folder.resolve("out.safetensors");
    Files.writeString(folder.resolve("bad.safetensors"), "no such thing at all");
    for (Path in : List.of(folder.resolve("none.safetensors"), folder.resolve("bad.safetensors"))) {
      Run run = octet("quantize", in, "-o", out, "--scheme", "int8-dynamic");
      assertEquals(1, run.exit(), run.err());
      assertEquals(1, run.err().strip().lines().count(), run.err());
      assertTrue(run.err().contains(in.getFileName().toString()), run.err());
      assertTrue(octet("--stacktrace", "inspect", in).err().contains("\tat "));
    }
    float[] values = new float[64 * 64];
    values[64 * 3 + 5] = Float.NaN;
    Path nan = folder.resolve("nan.safetensors");
    write(nan, Map.of("x.weight", values), Shape.of(64, 64));
    Files.writeString(out, "before");
    Run run = octet("quantize", nan, "-o", out, "--scheme", "int8-dynamic");
    assertEquals(1, run.exit());
    assertTrue(run.err().contains("x.weight") && run.err().contains("[3, 5]"), run.err());
    assertEquals("before", Files.readString(out));
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.noneMatch(file -> file.toString().endsWith(".part")));
    }
    assertEquals(2, octet("quantize", model, "-o", out, "--scheme", "int9").exit());
    assertEquals(2, octet("nonsense").exit());
    assertEquals(2, octet("bench", "--shapes", "1x2").exit());
  }

  @Test
  void benchMeasuresEachEngine() {
    Run run = octet("bench", "--shapes", "2x64x48", "--seconds", "0.02", "--json");
    assertEquals(0, run.exit(), run.err());
    boolean scalar = false;
    for (JsonNode result : run.json()) {
      assertEquals("2x64x48", result.get("shape").asText());
      assertTrue(result.get("microseconds").asDouble() > 0);
      scalar |= result.get("engine").asText().equals("SCALAR");
    }
    assertTrue(scalar);
  }

  @Test
  void completionAndHelp() {
    Run completion = octet("generate-completion");
    assertEquals(0, completion.exit());
    assertTrue(completion.out().contains("int8-dynamic") && completion.out().contains("moving-average")
        && completion.out().contains("clipping")
        && completion.out().contains("complete "),
        "schemes and observers by name");
    Run help = octet("--help");
    assertTrue(help.out().contains("Exit codes") && help.out().contains("quantize"), help.out());
    assertTrue(octet("--version").out().startsWith("octet "));
  }
}
