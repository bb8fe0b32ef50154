package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** Folders of several files: all of them are there, and none is ever an output. */
class ModelSlimFolderTest {
  private static final String FIRST = "quant_model_weight-00001-of-00002.safetensors";
  private static final String SECOND = "quant_model_weight-00002-of-00002.safetensors";
  private static final String DESCRIPTION = "quant_model_description.json";
  private static final String INDEX = "quant_model_weight.safetensors.index.json";

  @TempDir
  Path folder;

  @BeforeEach
  void model() throws IOException {
    new TensorFiles().with("a.weight", StoredType.I8, 2, 4).floats("a.weight_scale", new float[]{1, 2}, 2, 1)
        .write(folder.resolve(FIRST));
    new TensorFiles().with("b.weight", StoredType.I8, 2, 4).floats("b.weight_scale", new float[]{1, 2}, 2, 1)
        .floats("norm.weight", new float[]{1, 2}, 2).write(folder.resolve(SECOND));
    Files.writeString(folder.resolve(DESCRIPTION), """
        {"model_quant_type": "W8A8_DYNAMIC", "a.weight": "W8A8_DYNAMIC", "a.weight_scale": "W8A8_DYNAMIC",
         "b.weight": "W8A8_DYNAMIC", "b.weight_scale": "W8A8_DYNAMIC", "norm.weight": "FLOAT"}
        """);
    Files.writeString(folder.resolve(INDEX), """
        {"metadata": {"total_size": 40}, "weight_map": {"a.weight": "%1$s", "a.weight_scale": "%1$s",
         "b.weight": "%2$s", "b.weight_scale": "%2$s", "norm.weight": "%2$s"}}
        """.formatted(FIRST, SECOND));
  }

  private void describe(String before, String after) throws IOException {
    Path file = folder.resolve(DESCRIPTION);
    String text = Files.readString(file);
    assertTrue(text.contains(before), text);
    Files.writeString(file, text.replace(before, after));
  }

  private String refusal() {
    String said = assertThrows(MalformedFileException.class, () -> WeightFile.open(folder).close())
        .getMessage();
    assertTrue(said.startsWith(folder.toString()), said);
    return said;
  }

  @Test
  void aWholeFolderIsRead() {
    try (WeightFile file = WeightFile.open(folder)) {
      assertEquals(List.of("a.weight", "b.weight"), file.quantizedNames());
    }
  }

  @Test
  void aFileThatTheIndexNamesAndIsMissingIsNamed() throws IOException {
    Files.delete(folder.resolve(SECOND));
    String said = refusal();
    assertTrue(said.endsWith(INDEX + ": weight_map: there is no file \"" + SECOND + "\""), said);
  }

  @Test
  void aTensorThatTheIndexNamesAndIsMissingIsNamed() throws IOException {
    Files.writeString(folder.resolve(INDEX), "{\"weight_map\": {\"c.weight\": \"" + FIRST + "\"}}");
    String said = refusal();
    assertTrue(said.contains("weight_map: tensor c.weight is not in \"" + FIRST + "\", which has 2"), said);
  }

  /** Without an index the description alone tells. */
  @Test
  void weightsThatTheDescriptionNamesAndAreMissingAreNamed() throws IOException {
    Files.delete(folder.resolve(INDEX));
    WeightFile.open(folder).close();
    Files.delete(folder.resolve(SECOND));
    String said = refusal();
    assertTrue(
        said.contains(DESCRIPTION + ": the description names b.weight, b.weight_scale, norm.weight, and "
            + "no quant_model_weight*.safetensors beside it has these tensors"),
        said);
  }

  /** An index knows of tied embeddings, which are stored once; quantized weights are never tied. */
  @Test
  void floatsThatAnIndexDoesNotNameMayBeTied() throws IOException {
    describe("\"norm.weight\": \"FLOAT\"", "\"norm.weight\": \"FLOAT\", \"lm_head.weight\": \"FLOAT\"");
    WeightFile.open(folder).close();
    describe("\"lm_head.weight\": \"FLOAT\"", "\"lm_head.weight\": \"W8A8\"");
    assertTrue(refusal().contains("names lm_head.weight, and no"));
    describe("\"lm_head.weight\": \"W8A8\"", "\"lm_head.weight\": \"FLOAT\"");
    Files.delete(folder.resolve(INDEX));
    assertTrue(refusal().contains("names lm_head.weight, and no"));
  }

  /** The library refuses as the command does. */
  @Test
  void noFileOfTheFolderIsEverOverwritten() throws IOException {
    List<String> names = List.of(DESCRIPTION, "quant_model_description_w4a8.json", INDEX, FIRST, SECOND,
        "config.json", "hf_quant_config.json");
    for (String name : names) {
      if (!Files.exists(folder.resolve(name))) {
        Files.writeString(folder.resolve(name), "{}");
      }
    }
    for (String name : names) {
      byte[] before = Files.readAllBytes(folder.resolve(name));
      String said = assertThrows(IllegalArgumentException.class,
          () -> NothingIsLost.quantize(folder.resolve(DESCRIPTION), folder.resolve(name),
              QuantizationScheme.int8Dynamic()))
          .getMessage();
      assertTrue(said.contains(name + " is the input "), said);
      assertEquals(-1, java.util.Arrays.mismatch(before, Files.readAllBytes(folder.resolve(name))), name);
    }
  }

  @Test
  void tensorsWithoutADotAreNoLayer() throws IOException {
    new TensorFiles().with("mask", StoredType.I8, 4).with("table", StoredType.I8, 3)
        .write(folder.resolve("quant_model_weight-more.safetensors"));
    describe("{\"model_quant_type\"",
        "{\"mask\": \"W4A8_DYNAMIC\", \"table\": \"W8A8_MXFP8\", \"model_quant_type\"");
    try (WeightFile file = WeightFile.open(folder)) {
      assertEquals(
          List.of(new ForeignWeights("ModelSlim W4A8_DYNAMIC", "mask", List.of("mask")),
              new ForeignWeights("ModelSlim W8A8_MXFP8", "table", List.of("table"))),
          file.foreign());
    }
  }
}
