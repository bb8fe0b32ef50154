package dev.octet.quantize.file;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A node of an ONNX graph, as far as weights are concerned. */
final class OnnxNode {
  /** Attributes that say which axis of a weight is which. */
  private static final Set<String> OF_AXES = Set.of("axis", "axes", "perm", "transA", "transB", "transBatchA",
      "transBatchB", "block_size", "num_scan_inputs");

  /** Operators that are ONNX Runtime's, of domain {@value #MICROSOFT}, and not ONNX's. */
  private static final Set<String> OF_MICROSOFT = Set.of("Attention", "DynamicQuantizeLSTM",
      "DynamicQuantizeMatMul", "EmbedLayerNormalization", "FusedConv", "FusedGemm", "FusedMatMul",
      "GatherBlockQuantized", "MatMulBnb4", "MatMulIntegerToFloat", "MatMulNBits", "MoE", "NhwcFusedConv",
      "QAttention", "QGemm", "QMoE");
  /** Operators that ONNX Runtime has in its domain too, with more types. */
  private static final Set<String> OF_BOTH = Set.of("DequantizeLinear", "QLinearConv", "QuantizeLinear");
  private static final String MICROSOFT = "com.microsoft";

  final List<String> inputs = new ArrayList<>();
  final List<String> outputs = new ArrayList<>();
  final Map<String, OnnxAttribute> attributes = new LinkedHashMap<>();
  String name = "";
  /** The operator, where it is one of ONNX or ONNX Runtime; empty for one of another domain. */
  String op;
  /** The operator's name in its domain. */
  private String type = "";
  private String domain = "";
  private String overload = "";

  OnnxNode(ProtoMessage message) {
    while (message.next()) {
      switch (message.field()) {
        case 1 -> inputs.add(message.text());
        case 2 -> outputs.add(message.text());
        case 3 -> name = message.text();
        case 4 -> type = message.text();
        case 5 -> {
          OnnxAttribute attribute = new OnnxAttribute(message.message());
          attributes.put(attribute.name, attribute);
        }
        case 7 -> domain = message.text();
        case 8 -> overload = message.text();
        default -> {
          // documentation and what later versions add
        }
      }
    }
    op = switch (domain) {
      case "", "ai.onnx" -> OF_MICROSOFT.contains(type) ? "" : type;
      case MICROSOFT -> OF_MICROSOFT.contains(type) || OF_BOTH.contains(type) ? type : "";
      default -> "";
    };
  }

  /** Its name, or the operator's with a number, for a node that has none. */
  String label(int index) {
    return name.isEmpty() ? type + "_" + index : name;
  }

  /** Name and operator, as messages have them. */
  @Override
  public String toString() {
    return name.isEmpty() ? type : name + " (" + type + ")";
  }

  /** The local function that it calls, if the model has such a one. */
  String function() {
    return function(domain, type, overload);
  }

  /** What a local function is called by; two domains may have functions of one name. */
  static String function(String domain, String name, String overload) {
    return (domain.equals("ai.onnx") ? "" : domain) + ":" + name + ":" + overload;
  }

  /** Whether the axes of its weights depend on what calls the function that it is in. */
  boolean isOpen() {
    return attributes.values().stream()
        .anyMatch(attribute -> !attribute.reference.isEmpty() && OF_AXES.contains(attribute.name));
  }

  /** The name of an input; empty where it is left out. */
  String input(int index) {
    return index < inputs.size() ? inputs.get(index) : "";
  }

  /** The name of the first output; empty where there is none. */
  String output() {
    return outputs.isEmpty() ? "" : outputs.getFirst();
  }

  /** An attribute; the nearest int, which is no axis either, where it is beyond 32 bits. */
  int integer(String key, int otherwise) {
    return Math.clamp(number(key, otherwise), Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /** The same with all its bits. */
  long number(String key, long otherwise) {
    OnnxAttribute attribute = attributes.get(key);
    return attribute == null || attribute.integer == null ? otherwise : attribute.integer;
  }

  /** A list of integers; empty where there is none. */
  List<Integer> list(String key) {
    OnnxAttribute attribute = attributes.get(key);
    return attribute == null ? List.of() : attribute.ints();
  }
}
