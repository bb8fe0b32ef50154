package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.quantize.QuantizationScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ModelSlim folders that can be read in two ways, or of which a part would be lost. */
class ModelSlimDoubtsTest {
  private static final String DESCRIPTION = "quant_model_description.json";
  private static final String OTHER = "quant_model_description_w4a8.json";
  private static final String WEIGHTS = "quant_model_weight.safetensors";

  @TempDir
  Path folder;

  @BeforeEach
  void model() throws IOException {
    layer(true).write(folder.resolve(WEIGHTS));
    describe("\"a.weight_scale\": \"W8A8_DYNAMIC\", \"a.weight\": \"W8A8_DYNAMIC\"");
  }

  private static TensorFiles layer(boolean scales) {
    TensorFiles layer = new TensorFiles().with("a.weight", StoredType.I8, 2, 32)
        .floats("a.weight_offset", new float[]{0, 0}, 2, 1).floats("norm.weight", new float[]{1, 2}, 2);
    return scales ? layer.floats("a.weight_scale", new float[]{1, 2}, 2, 1) : layer;
  }

  private void describe(String names) throws IOException {
    Files.writeString(folder.resolve(DESCRIPTION), "{" + names + ", \"norm.weight\": \"FLOAT\"}");
  }

  private String refusal(Path path) {
    return assertThrows(MalformedFileException.class, () -> WeightFile.open(path).close()).getMessage();
  }

  /** Nor are they weights of which nothing is said. */
  @Test
  void integersAreNoFloats() throws IOException {
    new TensorFiles().with("a.weight", StoredType.I8, 2, 32).with("a.weight_scale", StoredType.F32, 2, 32)
        .with("experts.up", StoredType.I8, 2, 32).with("experts.up_scale", StoredType.F32, 2, 32)
        .with("b.weight", StoredType.F8_E4M3, 2, 32).with("b.scale", StoredType.F32, 2, 32)
        .with("embed.weight", StoredType.F32, 2, 32).with("embed.position_ids", StoredType.I64, 1, 8)
        .with("norm.weight", StoredType.F32, 2).write(folder.resolve(WEIGHTS));
    describe("\"a.weight\": \"FLOAT\", \"a.weight_scale\": \"FLOAT\", \"b.weight\": \"FLOAT\"");
    Path out = folder.resolve("out.safetensors");
    QuantizationSummary summary = NothingIsLost.quantize(folder, out, QuantizationScheme.int8Dynamic());
    assertEquals(List.of("embed.weight"), summary.names(QuantizationSummary.Outcome.QUANTIZED));
    try (WeightFile file = WeightFile.open(folder)) {
      assertEquals(
          List.of(
              new ForeignWeights("ModelSlim in an unknown form", "a", List.of("a.weight_scale", "a.weight")),
              new ForeignWeights("ModelSlim in an unknown form", "b", List.of("b.scale", "b.weight")),
              new ForeignWeights("ModelSlim in an unknown form", "experts",
                  List.of("experts.up_scale", "experts.up"))),
          file.foreign());
    }
  }

  @Test
  void namesThatAreThereTwice() throws IOException {
    describe("\"a.weight\": \"W8A8_DYNAMIC\", \"a.weight\": \"FLOAT\"");
    assertEquals(folder.resolve(DESCRIPTION) + ": a.weight is there twice", refusal(folder));
  }

  @Test
  void descriptionsThatContradictEachOther() throws IOException {
    Files.writeString(folder.resolve(OTHER), "{\"a.weight\": \"W4A8_DYNAMIC\", \"norm.weight\": \"FLOAT\"}");
    assertEquals(folder + ": two descriptions contradict each other: " + DESCRIPTION
        + " says W8A8_DYNAMIC of a.weight, " + OTHER + " says W4A8_DYNAMIC; name the description to be read "
        + "instead of the folder", refusal(folder));
    for (String name : List.of(DESCRIPTION, OTHER)) {
      try (WeightFile file = WeightFile.open(folder.resolve(name))) {
        assertEquals(name.equals(OTHER) ? 1 : 0, file.foreign().size());
      }
    }
    Files.writeString(folder.resolve(OTHER), "{\"b.weight\": \"W8A8_DYNAMIC\"}");
    assertTrue(refusal(folder).contains("says W8A8_DYNAMIC of a.weight, " + OTHER + " says nothing"));
    Files.writeString(folder.resolve(OTHER),
        "{\"version\": \"2\", \"a.weight\": \"W8A8_DYNAMIC\", \"norm.weight\": \"FLOAT\"}");
    WeightFile.open(folder).close();
    Files.writeString(folder.resolve(OTHER),
        "{\"a.weight_scale\": \"FLOAT\", \"a.weight\": \"W8A8_DYNAMIC\", \"norm.weight\": \"FLOAT\"}");
    assertTrue(refusal(folder).contains("of a.weight_scale, " + OTHER + " says FLOAT"));
  }

  /** What Octet wrote there is no part of the model; anything else may be. */
  @Test
  void otherWeightsInTheFolder() throws IOException {
    NothingIsLost.quantize(folder, folder.resolve("int8.safetensors"), QuantizationScheme.int8Dynamic());
    WeightFile.open(folder).close();
    new TensorFiles().with("mtp.weight", StoredType.F32, 2, 32).write(folder.resolve("mtp.safetensors"));
    for (Path path : List.of(folder, folder.resolve(DESCRIPTION))) {
      assertEquals(
          folder + ": expected no weights but quant_model_weight*.safetensors and what their index names, "
              + "there is mtp.safetensors too; move it to another folder, and quantize by its name what is "
              + "part of the model",
          refusal(path));
    }
    Files.write(folder.resolve("model-1.safetensors"), new byte[3]);
    assertTrue(refusal(folder).contains("there are model-1.safetensors, mtp.safetensors too; move them"));
  }

  @Test
  void parametersThatAreDescribedAndMissing() throws IOException {
    for (String name : List.of("a.quant_bias", "a.bias", "norm.bias", "a.deq_scale", "a.weight_scale_bias")) {
      for (String form : List.of("W8A8_DYNAMIC", "FLOAT")) {
        describe("\"a.weight\": \"W8A8_DYNAMIC\", \"" + name + "\": \"" + form + "\"");
        String said = refusal(folder);
        assertTrue(said.contains(DESCRIPTION + ": the description names " + name + ", and no "), said);
      }
    }
    describe("\"a.weight\": \"W8A8_DYNAMIC\", \"version.x\": \"1.0\", \"group_size\": 8, \"TYPE\": \"W8A8\"");
    WeightFile.open(folder).close();
  }

  /** Scales of what is not read are in no weight: they are compared, and copied, as tensors of their own. */
  @Test
  void scalesOfWeightsThatAreNotRead() throws IOException {
    new TensorFiles().with("a.weight", StoredType.I8, 2, 32)
        .floats("a.weight_scale", new float[]{1, 2, 3}, 3, 1)
        .floats("a.weight_offset", new float[]{0, 0, 0}, 3, 1).floats("norm.weight", new float[]{1, 2}, 2)
        .write(folder.resolve(WEIGHTS));
    Path out = folder.resolve("out.safetensors");
    QuantizationSummary summary = NothingIsLost.quantize(folder, out, QuantizationScheme.int8Dynamic());
    assertEquals(2L, summary.counts(QuantizationSummary.Outcome.COPIED)
        .get("beside weights whose scales do not fit"), summary.toString());
    try (WeightFile before = WeightFile.open(folder); WeightFile after = WeightFile.open(out)) {
      assertFalse(before.isParameter("a.weight_scale") || before.isParameter("a.weight_offset"));
      assertEquals(4, FileComparison.of(before, after, (name, done, total) -> {
      }).tensors().size());
    }
  }

  @Test
  void dynamicWeightsWithoutScales() throws IOException {
    layer(false).write(folder.resolve(WEIGHTS));
    describe("\"a.weight\": \"W8A8_DYNAMIC\"");
    try (WeightFile file = WeightFile.open(folder)) {
      assertEquals("tensor a.weight_scale: expected the scales of a.weight, which the description calls "
          + "W8A8_DYNAMIC, there is none", file.unreadable().get("a.weight"));
      assertFalse(file.quantizedNames().contains("a.weight"));
    }
  }
}
