package dev.octet.cli;

import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.octet.Shape;
import dev.octet.minilm.ModelFiles;
import dev.octet.minilm.Vectors;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.quantize.file.SafetensorsWriter;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import dev.octet.quantize.file.StoredType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole model, quantized by the command: all-MiniLM-L6-v2. */
class QuantizeModelTest {
  private static final long SEED = 61;

  @TempDir
  static Path folder;
  private static Path model;

  @BeforeAll
  static void write() throws IOException {
    model = Files.write(folder.resolve("minilm.onnx"), ModelFiles.read(ModelFiles.FP32_MODEL));
  }

  private static float[] run(Path file) {
    Path result = folder.resolve("result.npy");
    Run run = octet("run", file, "--dim", "batch_size=1", "--dim", "sequence_length=8", "--output",
        "last_hidden_state=" + result);
    assertEquals(0, run.exit(), run.err());
    return Npy.read(result).floats();
  }

  @Test
  void whatIsWrittenRuns() {
    Path out = folder.resolve("int8.onnx");
    Run run = octet("quantize", model, "-o", out, "--scheme", "int8-dynamic", "--exclude", "*layer.1*",
        "--json");
    assertEquals(0, run.exit(), run.err());
    JsonNode json = run.json();
    int kept = json.get("kept").size();
    assertEquals(48, json.get("quantized").size() + kept, run.out());
    // Two products of each of six layers have no weights.
    assertTrue(kept > 12 && kept < 48, run.out());
    assertTrue(json.get("bytesAfter").asLong() < json.get("bytesBefore").asLong(), run.out());
    assertTrue(Vectors.cosine(run(model), run(out)) > 0.98);
    Run text = octet("quantize", model, "-o", out, "--scheme", "int8-dynamic");
    assertEquals(0, text.exit(), text.err());
    assertTrue(text.out().contains("int8.onnx: 36 nodes quantized as "), text.out());
    assertTrue(text.out().contains("as they were: "), text.out());
  }

  /** Token numbers of some made-up texts; safetensors have I64 of everything that the model takes. */
  private static Path samples(String name, int count, String... inputs) {
    Path path = folder.resolve(name);
    Shape shape = Shape.of(count, 8);
    try (SafetensorsWriter writer = new SafetensorsWriter(path,
        Stream.of(inputs).map(input -> new Slot(input, StoredType.I64, shape)).toList(), Map.of())) {
      Random random = new Random(SEED);
      for (String input : inputs) {
        long[] values = new long[count * 8];
        Arrays.setAll(values, i -> input.equals("input_ids") ? 1000 + random.nextInt(20000) : 1);
        Tensor tensor = Tensor.allocate(ElementType.I64, shape);
        writer.write(input, tensor.data().copyFrom(Tensor.longs(shape, values).data()));
      }
      writer.commit();
    }
    return path;
  }

  @Test
  void calibratedModelsRun() {
    Path out = folder.resolve("static.onnx");
    Path samples = samples("samples.safetensors", 4, "input_ids", "attention_mask", "token_type_ids");
    Run run = octet("quantize", model, "-o", out, "--scheme", "int8-static", "--calibration", samples,
        "--observer", "percentile:99.99", "--output-ratio", "0", "--json");
    assertEquals(0, run.exit(), run.err());
    assertEquals("percentile:99.99", run.json().get("observer").asText());
    // 36 products with weights, 12 of attention, and 6 of GELU
    assertEquals(54, run.json().get("quantized").size(), run.out());
    assertTrue(run.json().get("outputRatio").asDouble() > 0, run.out());
    assertEquals(0, run.json().get("harm").size(), run.out());
    Run inspected = octet("run", out, "--dim", "batch_size=1", "--dim", "sequence_length=8", "--json");
    assertEquals(13, inspected.json().get("opset").asInt(), inspected.err());
    assertEquals(0, inspected.exit(), inspected.err());
  }

  private static void refused(int exit, String part, Object... args) throws IOException {
    Path out = folder.resolve("refused.onnx");
    Run run = octet(
        Stream.concat(Stream.of("quantize"), Stream.of(args)).map(arg -> arg.equals("OUT") ? out : arg)
            .toArray());
    assertEquals(exit, run.exit(), run.out() + run.err());
    assertTrue(run.err().contains(part), run.err());
    assertTrue(Files.notExists(out));
  }

  @Test
  void whatDoesNotFitIsNamed() throws IOException {
    refused(1, "no node of the model has a name that \"head\" matches", model, "-o", "OUT", "-s",
        "int8-dynamic",
        "--include", "head");
    refused(1, "is the input", model, "-o", model, "-s", "int8-dynamic");
    refused(2, "--scheme: an ONNX output takes", model, "-o", "OUT", "-s", "int4-dynamic");
    refused(2, "not for an ONNX output", model, "-o", "OUT", "-s", "int8-dynamic", "--rounding", "clipping");
    refused(1, "can be quantized", model, "-o", "OUT", "-s", "int8-dynamic", "--exclude", "*");
    refused(2, "needs --calibration", model, "-o", "OUT", "-s", "int8-static");
    refused(2, "--output-ratio: for an ONNX output with --scheme int8-static", model, "-o", "OUT", "-s",
        "int8-dynamic", "--output-ratio", "20");
    Path few = samples("few.safetensors", 2, "input_ids", "attention_mask");
    refused(1, "has no tensor token_type_ids, an input of the model", model, "-o", "OUT", "-s", "int8-static",
        "--calibration", few);
    Path many = samples("many.safetensors", 2, "input_ids", "attention_mask", "token_type_ids", "more");
    refused(1, "the model has no input more", model, "-o", "OUT", "-s", "int8-static", "--calibration", many);
    Path none = Files.write(folder.resolve("none.onnx"), new byte[]{1, 2, 3});
    refused(1, "none.onnx: ", none, "-o", "OUT", "-s", "int8-dynamic");
  }
}
