package dev.octet.quantize.file;

import dev.octet.testing.FuzzTarget;
import dev.octet.testing.Fuzzing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The configuration beside weights, which are always the same and must be read whatever it holds. */
final class ConfigTarget implements FuzzTarget {
  private static final List<String> CONFIGS = List.of(
      "{\"quantization_config\": {\"quant_method\": \"gptq\", \"bits\": 4}}",
      "{\"compression_config\": {\"quant_method\": \"compressed-tensors\", \"format\": \"int\"}}",
      "{\"quantization\": {\"group_size\": 64, \"bits\": 4}}",
      "{\"quantization\": {\"quant_algo\": \"FP8\"}, \"a\": [null, 1e9]}");

  @Override
  public List<byte[]> seeds(Path folder) {
    return CONFIGS.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  @Override
  public void run(byte[] input, Path folder) throws IOException {
    Path model = folder.resolve("model.safetensors");
    if (!Files.exists(model)) {
      new TensorFiles().with("l.qweight", StoredType.I32, 1, 4).with("l.scales", StoredType.F16, 1, 4)
          .with("m.weight", StoredType.U32, 2, 4).with("n.weight", StoredType.F32, 2, 4).write(model);
    }
    Files.write(folder.resolve("config.json"), input);
    WeightFile.open(model).close();
    Fuzzing.bounded(input, () -> WholeFile.use(model, folder.resolve("out.safetensors")));
  }
}
