package dev.octet.quantize.file;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names of weights after those of the biases that are added to their products, where an exporter or an
 * optimizer made up the weight's: {@code onnx::MatMul_123}, {@code 123}, {@code val_123}, the name of a
 * folded node's output, each perhaps with what a quantizer adds. All other names are the model's own.
 */
final class OnnxBiasNames {
  private static final Pattern MADE_UP = Pattern
      .compile("(.*/)?(onnx::.*|\\d+|val_\\d+|const_fold_opt__\\d+|[^/]*_output_\\d+)(_quantized)?",
          Pattern.DOTALL);

  private final Set<String> tensors;
  private final Map<String, String> renamed = new HashMap<>();
  private final Set<String> given = new HashSet<>();
  /** From values to the one weight that they are a product with. */
  private final Map<String, String> products = new HashMap<>();
  /** Values that are computed from scales only. */
  private final Set<String> scales = new HashSet<>();

  private OnnxBiasNames(Set<String> tensors) {
    this.tensors = tensors;
  }

  /** From the names of weights to those that they get. */
  static Map<String, String> of(OnnxValues values) {
    OnnxBiasNames names = new OnnxBiasNames(values.tensors.keySet());
    for (OnnxNode node : values.nodes) {
      switch (node.op) {
        case "MatMul", "MatMulInteger" -> {
          List<OnnxValues.Source> weight = values.sources(node.input(1));
          if (weight.size() == 1) {
            node.outputs.forEach(output -> names.products.put(output, weight.getFirst().tensor()));
          }
        }
        // The product of integers becomes one of floats before the bias comes.
        case "Cast" -> names.carry(node.input(0), node);
        case "Mul" -> names.multiply(node);
        case "DynamicQuantizeLinear" -> node.outputs.stream().skip(1).limit(1).forEach(names.scales::add);
        case "Add" -> {
          names.add(node.input(0), names.products.get(node.input(1)));
          names.add(node.input(1), names.products.get(node.input(0)));
        }
        default -> {
          // nothing between a product and its bias
        }
      }
    }
    return names.renamed;
  }

  private void carry(String value, OnnxNode node) {
    String weight = products.get(value);
    if (weight != null) {
      node.outputs.forEach(output -> products.put(output, weight));
    }
  }

  /** A scaled product is one with the same weight; a product of two, or one that is gated, is none. */
  private void multiply(OnnxNode node) {
    boolean first = isScale(node.input(0));
    boolean second = isScale(node.input(1));
    if (first && second) {
      scales.addAll(node.outputs);
    } else if (first || second) {
      carry(node.input(first ? 1 : 0), node);
    }
  }

  /** A constant, or what DynamicQuantizeLinear computes, or a product of such. */
  private boolean isScale(String value) {
    return tensors.contains(value) || scales.contains(value);
  }

  private void add(String bias, String weight) {
    if (weight == null || !bias.endsWith(".bias") || !tensors.contains(bias)
        || !MADE_UP.matcher(weight).matches()) {
      return;
    }
    String name = bias.substring(0, bias.length() - "bias".length()) + "weight";
    if (!tensors.contains(name) && !renamed.containsKey(weight) && given.add(name)) {
      renamed.put(weight, name);
    }
  }
}
