package dev.octet.llama;

import dev.octet.BlockTensor;
import dev.octet.quantize.file.GgufTensor;
import dev.octet.quantize.file.StoredTensor;

/** The rows that stand for tokens, read from the file one by one. Allocates nothing. */
final class Embedding {
  /** One of the two is null. */
  private final BlockTensor blocks;
  private final StoredTensor numbers;
  private final int features;

  Embedding(GgufTensor tensor, int features) {
    this.blocks = tensor.type().block().isPresent() ? tensor.block() : null;
    this.numbers = blocks == null ? tensor.stored() : null;
    this.features = features;
  }

  /** Reads a row. */
  void row(int token, float[] dst, int to) {
    if (blocks == null) {
      numbers.floats((long) token * features, dst, to, features);
    } else {
      blocks.dequantize(token, dst, to);
    }
  }
}
