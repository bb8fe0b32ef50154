package dev.octet.quantize.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What {@code config.json} or {@code hf_quant_config.json} beside a file of weights says of how they are
 * quantized. Nobody named these files to be read: where they are missing, large or no JSON, they say nothing.
 *
 * @param format the name of the form; null where nothing is said
 * @param layers of mixed files, the forms of single layers, or of all layers below a name
 */
record QuantizationConfig(String format, Map<String, String> layers) {
  /** Where it is said. */
  private static final List<String> FILES = List.of("config.json", "hf_quant_config.json");
  /** Nothing is said. */
  static final QuantizationConfig NONE = new QuantizationConfig(null, Map.of());
  private static final long MAX_BYTES = 10_000_000;
  private static final String MODEL_OPT = "ModelOpt";
  /** As their makers write them. */
  private static final Map<String, String> NAMES = Map.ofEntries(Map.entry("gptq", "GPTQ"),
      Map.entry("awq", "AWQ"), Map.entry("fp8", "FP8"), Map.entry("fbgemm_fp8", "FP8"),
      Map.entry("mxfp4", "MXFP4"), Map.entry("aqlm", "AQLM"), Map.entry("vptq", "VPTQ"),
      Map.entry("spqr", "SpQR"), Map.entry("hqq", "HQQ"), Map.entry("eetq", "EETQ"),
      Map.entry("auto-round", "AutoRound"), Map.entry("intel/auto-round", "AutoRound"),
      Map.entry("modelopt", MODEL_OPT), Map.entry("modelopt_fp4", MODEL_OPT));

  /**
   * Reads what is said.
   *
   * @param folder of the weights
   * @return it
   */
  static QuantizationConfig of(Path folder) {
    for (String file : FILES) {
      QuantizationConfig config = read(tree(folder.resolve(file)));
      if (config.isSaid()) {
        return config;
      }
    }
    return NONE;
  }

  /** Those files of a folder that may say something. */
  static Stream<Path> in(Path folder) {
    return FILES.stream().map(folder::resolve).filter(Files::isRegularFile);
  }

  /** Whether the file is said to be quantized. */
  boolean isSaid() {
    return format != null;
  }

  /** The form of a layer, where it is quantized; null where nothing is said. */
  String of(String layer) {
    for (String name = layer;; name = name.substring(0, name.lastIndexOf('.'))) {
      String own = layers.get(name);
      if (own != null || name.lastIndexOf('.') < 0) {
        return own == null ? format : own;
      }
    }
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

  private static QuantizationConfig read(JsonNode config) {
    if (config == null) {
      return NONE;
    }
    for (String key : List.of("quantization_config", "compression_config", "quantization")) {
      JsonNode node = config.path(key);
      String format = node.isObject() ? format(node) : null;
      if (format != null) {
        return new QuantizationConfig(format, layers(node));
      }
    }
    return NONE;
  }

  private static String format(JsonNode node) {
    String method = node.path("quant_method").asText("").toLowerCase(Locale.ROOT);
    String name = NAMES.getOrDefault(method, node.path("quant_method").asText(""));
    if (method.equals("gptq") && node.path("checkpoint_format").asText("").equals("gptq_v2")) {
      return ForeignForms.GPTQ_V2;
    }
    if (method.equals("compressed-tensors") && node.has("format")) {
      return name + " " + node.path("format").asText();
    }
    if (node.has("quant_algo")) {
      return MODEL_OPT + " " + node.path("quant_algo").asText();
    }
    if (node.has("packing_format")) {
      return name + ", " + node.path("packing_format").asText().replaceFirst(".*:", "");
    }
    if (method.isEmpty()) {
      return node.has("group_size") && node.has("bits") ? "MLX" : null;
    }
    return name;
  }

  /** ModelOpt's list of layers, where they are not all quantized alike. */
  private static Map<String, String> layers(JsonNode node) {
    Map<String, String> layers = new LinkedHashMap<>();
    node.path("quantized_layers").properties().forEach(layer -> {
      String algorithm = layer.getValue().path("quant_algo").asText("");
      if (!algorithm.isEmpty()) {
        layers.put(layer.getKey(), MODEL_OPT + " " + algorithm);
      }
    });
    return layers;
  }
}
