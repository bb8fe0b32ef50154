package dev.octet.bench.minilm;

import dev.octet.onnx.NodeReport;

/** What a node of all-MiniLM-L6-v2-q does. */
enum NodeKind {
  /** Products with weights, with the quantization of rows that only one of them reads. */
  PRODUCTS("products"),
  /** Products of two activations. */
  ATTENTION("attention"),
  /** Softmax with its mask. */
  SOFTMAX("softmax"),
  /** Layer normalization with the sum before it. */
  LAYER_NORM("layer norm"),
  /** GELU. */
  GELU("GELU"),
  /** Quantization that several products share, and of tables of embeddings. */
  QUANTIZING("quantizing"),
  /** Rows of tables, the mask, shapes. */
  OTHER("other");

  private final String words;

  NodeKind(String words) {
    this.words = words;
  }

  /** The kind of a node, by the operator that runs. */
  static NodeKind of(NodeReport node) {
    return switch (node.operator()) {
      case "IntegerProduct", "DynamicProduct" -> PRODUCTS;
      case "TransposedMatMul" -> ATTENTION;
      case "MaskedSoftmax" -> SOFTMAX;
      case "RowNorm" -> LAYER_NORM;
      case "Gelu" -> GELU;
      case "DynamicQuantizeLinear", "DequantizeLinear" -> QUANTIZING;
      default -> OTHER;
    };
  }

  @Override
  public String toString() {
    return words;
  }
}
