package dev.octet.cli;

import static dev.octet.cli.OnnxBytes.graph;
import static dev.octet.cli.OnnxBytes.initializer;
import static dev.octet.cli.OnnxBytes.node;
import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Shape;
import dev.octet.quantize.file.WeightFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers whose weights an exporter of ONNX named, by that name and by the one after the bias. */
class MadeUpNamesTest {
  @TempDir
  Path folder;

  private static byte[] layer(String weight, String name) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(initializer(weight, 4, 8));
    out.writeBytes(initializer(name + ".bias", 8));
    out.writeBytes(node("MatMul", "x", weight, name + "_p"));
    out.writeBytes(node("Add", name + "_p", name + ".bias", name + "_y"));
    return out.toByteArray();
  }

  @Test
  void layersAreExcludedByEitherName() throws IOException {
    Path model = Files.write(folder.resolve("model.onnx"), graph(layer("onnx::MatMul_1", "fc1"),
        layer("onnx::MatMul_2", "fc2"), layer("fc4.weight", "fc3"), layer("onnx::MatMul_4", "fc5")));
    Run run = octet("quantize", model, "-o", folder.resolve("out.safetensors"), "-s", "int8-dynamic",
        "--exclude", "fc1", "--exclude", "onnx::MatMul_2", "--exclude", "fc4", "--exclude", "fc3", "--json");
    assertEquals(0, run.exit(), run.err());
    assertEquals("[\"fc5.weight\"]", run.json().get("quantized").toString());
    String warnings = run.json().get("warnings").toString();
    assertTrue(warnings.contains("fc3"), warnings);
    assertFalse(warnings.contains("onnx::MatMul_2"), warnings);
  }

  /** What records inputs of a model has the names that the model has. */
  @Test
  void layersAreCalibratedByEitherName() throws IOException {
    Path model = Files.write(folder.resolve("model.onnx"), graph(layer("onnx::MatMul_1", "fc1"),
        layer("onnx::MatMul_2", "fc2"), layer("onnx::MatMul_3", "fc3")));
    float[] rows = new float[8];
    Arrays.fill(rows, 1);
    Path calibration = Models.write(folder.resolve("inputs.safetensors"),
        Map.of("onnx::MatMul_1.input", rows, "fc2.input", rows), Shape.of(2, 4));
    Path out = folder.resolve("out.safetensors");
    for (String rounding : List.of("nearest", "gptq")) {
      Run run = octet("quantize", model, "-o", out, "-s", "int8-static", "--rounding", rounding,
          "--calibration", calibration, "--json");
      assertEquals(0, run.exit(), run.err());
      assertEquals("[\"fc3.weight\"]", run.json().get("withoutInputScale").toString());
      if (rounding.equals("gptq")) {
        assertEquals("[\"fc3.weight\"]", run.json().get("roundedToNearest").toString());
      }
      try (WeightFile file = WeightFile.open(out)) {
        assertEquals(1 / 255f, file.tensor("fc1.input_scale").floats()[0]);
        assertEquals(1 / 255f, file.tensor("fc2.input_scale").floats()[0]);
      }
    }
    Models.write(calibration, Map.of("onnx::MatMul_2.input", rows, "fc2.input", rows), Shape.of(2, 4));
    Run run = octet("quantize", model, "-o", out, "-s", "int8-static", "--calibration", calibration);
    assertEquals(1, run.exit());
    assertEquals("octet: tensor fc2.weight: expected its inputs under one name, got fc2.input and "
        + "onnx::MatMul_2.input\n", run.err());
  }
}
