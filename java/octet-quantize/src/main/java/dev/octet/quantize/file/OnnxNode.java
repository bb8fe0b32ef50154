package dev.octet.quantize.file;

import dev.octet.quantize.proto.AttributeProto;
import dev.octet.quantize.proto.NodeProto;
import java.util.ArrayList;
import java.util.Arrays;
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

  final List<String> inputs;
  final List<String> outputs;
  final Map<String, AttributeProto> attributes;
  private final NodeProto node;
  /** The operator, where it is one of ONNX or ONNX Runtime; empty for one of another domain. */
  String op;

  OnnxNode(NodeProto node) {
    this.node = node;
    this.inputs = new ArrayList<>(node.inputs());
    this.outputs = new ArrayList<>(node.outputs());
    this.attributes = node.attributes();
    String type = node.type();
    op = switch (node.domain()) {
      case "", "ai.onnx" -> OF_MICROSOFT.contains(type) ? "" : type;
      case MICROSOFT -> OF_MICROSOFT.contains(type) || OF_BOTH.contains(type) ? type : "";
      default -> "";
    };
  }

  /** Its name, or the operator's with a number, for a node that has none. */
  String label(int index) {
    return node.name().isEmpty() ? node.type() + "_" + index : node.name();
  }

  /** Name and operator, as messages have them. */
  @Override
  public String toString() {
    return node.name().isEmpty() ? node.type() : node.name() + " (" + node.type() + ")";
  }

  /** The local function that it calls, if the model has such a one. */
  String function() {
    return function(node.domain(), node.type(), node.overload());
  }

  /** What a local function is called by; two domains may have functions of one name. */
  static String function(String domain, String name, String overload) {
    return (domain.equals("ai.onnx") ? "" : domain) + ":" + name + ":" + overload;
  }

  /** Whether the axes of its weights depend on what calls the function that it is in. */
  boolean isOpen() {
    return attributes.values().stream()
        .anyMatch(attribute -> !attribute.reference().isEmpty() && OF_AXES.contains(attribute.name()));
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
    AttributeProto attribute = attributes.get(key);
    return attribute == null || attribute.integer() == null ? otherwise : attribute.integer();
  }

  /** A list of integers, each as the nearest int; empty where there is none. */
  List<Integer> list(String key) {
    AttributeProto attribute = attributes.get(key);
    return attribute == null
        ? List.of()
        : Arrays.stream(attribute.integers())
            .mapToObj(number -> Math.clamp(number, Integer.MIN_VALUE, Integer.MAX_VALUE)).toList();
  }
}
