package dev.octet.quantize.file;

import dev.octet.testing.FuzzTarget;
import dev.octet.testing.Fuzzing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Descriptions of ModelSlim, of weights that are always the same; some of them fit no description. */
final class ModelSlimTarget implements FuzzTarget {
  private static final List<String> LAYERS = List.of("a", "b", "c", "d", "e");
  private static final List<String> DESCRIPTIONS = List.of("""
      {"model_quant_type": "W8A8", "a.weight": "W8A8", "a.deq_scale": "W8A8",
      "b.weight": "W8A8_DYNAMIC", "c.weight": "FLOAT"}
      """, """
      {"version": "1.0.0", "b.weight": "W8A16", "d.weight": "W8A8", "e.weight": "W4A8_DYNAMIC",
      "group_size": 4, "metadata": {"x": [1, 2]}}
      """);

  @Override
  public List<byte[]> seeds(Path folder) {
    return DESCRIPTIONS.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private static Path files(Path folder) {
    Path weights = folder.resolve("quant_model_weight.safetensors");
    if (!Files.exists(weights)) {
      new TensorFiles().with("a.weight", StoredType.I8, 2, 4).floats("a.deq_scale", new float[]{0.5f, 2}, 2)
          .with("a.quant_bias", StoredType.I32, 2).floats("a.input_scale", new float[]{0.25f}, 1)
          .floats("a.input_offset", new float[]{-3}, 1).with("b.weight", StoredType.I8, 3, 4)
          .floats("b.weight_scale", new float[]{1, 2, 3}, 3, 1).floats("b.weight_offset", new float[3], 3, 1)
          .with("c.weight", StoredType.BF16, 2, 4).with("d.weight", StoredType.I8, 1, 6)
          .with("d.weight_scale", StoredType.F32, 1, 0).with("d.deq_scale", StoredType.I64, 1)
          .with("e.weight", StoredType.I8, 2).with("e.weight_scale", StoredType.F32).write(weights);
    }
    return folder;
  }

  @Override
  public void run(byte[] input, Path folder) throws IOException {
    Path description = Files.write(files(folder).resolve("quant_model_description.json"), input);
    Fuzzing.bounded(input, () -> WholeFile.use(description, folder.resolve("out.safetensors")));
    try (ModelSlimFile file = ModelSlimFile.open(description)) {
      LAYERS.forEach(layer -> read(file, layer));
    } catch (MalformedFileException e) {
      Fuzzing.refusal(e, MalformedFileException.class);
    }
  }

  private static void read(ModelSlimFile file, String layer) {
    try {
      file.layer(layer);
    } catch (IllegalArgumentException e) {
      Fuzzing.refusal(e, IllegalArgumentException.class, MalformedFileException.class);
    }
  }
}
