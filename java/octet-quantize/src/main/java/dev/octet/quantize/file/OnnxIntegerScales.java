package dev.octet.quantize.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The scales of MatMulInteger and ConvInteger, which are told the zero points only: a Mul behind them brings
 * the scale of the weight in, alone or multiplied with that of the activations. Where there is none, by the
 * name that quantizers give: {@code X_scale} beside {@code X_quantized} or {@code X}.
 */
final class OnnxIntegerScales {
  private static final int MAX_STEPS = 8;

  private final OnnxValues values;
  private final Map<String, OnnxNode> producers = new HashMap<>();
  private final Map<String, List<OnnxNode>> consumers = new HashMap<>();

  OnnxIntegerScales(OnnxValues values) {
    this.values = values;
    for (OnnxNode node : values.nodes) {
      node.outputs.forEach(output -> producers.put(output, node));
      node.inputs.forEach(input -> consumers.computeIfAbsent(input, i -> new ArrayList<>()).add(node));
    }
  }

  /** The tensor of the scales of a node's weight; empty where there is none. */
  String of(OnnxNode node) {
    String value = node.outputs.isEmpty() ? "" : node.outputs.getFirst();
    for (int step = 0; step < MAX_STEPS && consumers.getOrDefault(value, List.of()).size() == 1; step++) {
      OnnxNode next = consumers.get(value).getFirst();
      if (next.op.equals("Mul")) {
        String scale = factor(next.input(0).equals(value) ? next.input(1) : next.input(0));
        if (!scale.isEmpty()) {
          return scale;
        }
      } else if (!next.op.equals("Cast") && !next.op.equals("Identity")) {
        break;
      }
      value = next.outputs.isEmpty() ? "" : next.outputs.getFirst();
    }
    return named(node.input(1));
  }

  /** What a DequantizeLinear reads: the table itself where it comes behind a lookup and has one scale. */
  String table(OnnxNode node) {
    OnnxNode lookup = producers.get(node.input(0));
    boolean single = values.sources(node.input(1)).stream()
        .allMatch(scale -> values.tensors.get(scale.tensor()).shape().elements() == 1);
    return lookup != null && lookup.op.equals("Gather") && single ? lookup.input(0) : node.input(0);
  }

  private String factor(String value) {
    if (!values.sources(value).isEmpty()) {
      return value;
    }
    OnnxNode product = producers.get(value);
    if (product == null || !product.op.equals("Mul")) {
      return "";
    }
    return product.inputs.stream().filter(input -> !values.sources(input).isEmpty()).findFirst().orElse("");
  }

  private String named(String weight) {
    for (String suffix : List.of("_quantized", "")) {
      if (weight.endsWith(suffix)) {
        String scale = weight.substring(0, weight.length() - suffix.length()) + "_scale";
        if (values.tensors.containsKey(scale)) {
          return scale;
        }
      }
    }
    return "";
  }
}
