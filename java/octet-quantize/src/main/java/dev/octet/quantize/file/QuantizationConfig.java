package dev.octet.quantize.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code config.json} or {@code hf_quant_config.json} beside a file of weights says of how they are
 * quantized. Nobody named these files to be read: where they are missing, large or no JSON, they say nothing.
 */
final class QuantizationConfig {
  private static final long MAX_BYTES = 10_000_000;
  /** As their makers write them. */
  private static final Map<String, String> NAMES = Map.of("gptq", "GPTQ", "awq", "AWQ", "fp8", "FP8",
      "fbgemm_fp8", "FP8", "mxfp4", "MXFP4", "aqlm", "AQLM", "vptq", "VPTQ", "hqq", "HQQ", "eetq", "EETQ",
      "modelopt", "ModelOpt");

  private QuantizationConfig() {}

  /**
   * Reads what is said.
   *
   * @param folder of the weights
   * @return the name of the form, or null where nothing is said
   */
  static String of(Path folder) {
    for (String file : List.of("config.json", "hf_quant_config.json")) {
      String format = format(tree(folder.resolve(file)));
      if (format != null) {
        return format;
      }
    }
    return null;
  }

  private static JsonNode tree(Path path) {
    try {
      return Files.isRegularFile(path) && Files.size(path) <= MAX_BYTES
          ? new ObjectMapper().readTree(JsonText.reader(Files.readAllBytes(path)))
          : null;
    } catch (IOException e) {
      return null; // not to be read, or no JSON
    }
  }

  private static String format(JsonNode config) {
    if (config == null) {
      return null;
    }
    for (String key : List.of("quantization_config", "compression_config", "quantization")) {
      JsonNode node = config.path(key);
      if (!node.isObject()) {
        continue;
      }
      String method = node.path("quant_method").asText("");
      String format = node.path("format").asText("");
      if (!method.isEmpty()) {
        String name = NAMES.getOrDefault(method.toLowerCase(Locale.ROOT), method);
        return method.equals("compressed-tensors") && !format.isEmpty() ? name + " " + format : name;
      }
      if (node.has("quant_algo")) {
        return "ModelOpt " + node.path("quant_algo").asText();
      }
      if (node.has("group_size") && node.has("bits")) {
        return "MLX";
      }
    }
    return null;
  }
}
