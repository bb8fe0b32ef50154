package dev.octet.quantize.file;

import dev.octet.DataType;
import dev.octet.testing.FuzzTarget;
import dev.octet.testing.Fuzzing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Indices of two files that are always the same. */
final class ShardedSafetensorsTarget implements FuzzTarget {
  private static final List<String> INDICES = List.of("""
      {"metadata": {"total_size": 1234, "note": "%s"}, "weight_map": {"layer.F32": "plain.safetensors",
      "layer.I8": "plain.safetensors", "layer.I8_scale": "plain.safetensors",
      "w": "2.safetensors", "w_scale": "2.safetensors"}}
      """.formatted("text ".repeat(60)),
      "{\"weight_map\":{\"w\":\"2.safetensors\",\"w_scale\":\"2.safetensors\"},\"x\":[1,{}]}");

  @Override
  public List<byte[]> seeds(Path folder) {
    return INDICES.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  /**
   * A folder with the two files; one outside of it, which no index may reach, has tensors of the same names.
   */
  static Path files(Path folder) throws IOException {
    Path model = folder.resolve("m");
    if (!Files.exists(model)) {
      Files.createDirectory(model);
      Files.write(model.resolve("plain.safetensors"), SafetensorsTarget.plain(folder));
      Files.write(model.resolve("2.safetensors"), SafetensorsTarget.quantized(folder, DataType.S4, true));
      Files.write(folder.resolve("3.safetensors"), SafetensorsTarget.plain(folder));
    }
    return model;
  }

  @Override
  public void run(byte[] input, Path folder) throws IOException {
    Path index = Files.write(files(folder).resolve("model.safetensors.index.json"), input);
    Fuzzing.bounded(input, () -> WholeFile.use(index, folder.resolve("out.safetensors")));
  }
}
