package dev.octet.llama;

import dev.octet.BlockTensor;
import dev.octet.quantize.file.GgufTensor;
import dev.octet.quantize.file.StoredTensor;

/** The rows that stand for tokens, read from the file one by one. Allocates nothing. */
final class Embedding {
  /** The elements of the largest group of a format. */
  static final int MAX_GROUP = 32;

  /** One of the two is null. */
  private final BlockTensor blocks;
  private final StoredTensor numbers;
  private final int features;

  Embedding(GgufTensor tensor, int features) {
    this.blocks = tensor.type().block().isPresent() ? tensor.block() : null;
    this.numbers = blocks == null ? tensor.stored() : null;
    this.features = features;
  }

  /**
   * Reads a row.
   *
   * @param integers takes those of a group
   */
  void row(int token, float[] dst, int to, byte[] integers) {
    if (blocks == null) {
      numbers.floats((long) token * features, dst, to, features);
      return;
    }
    int size = blocks.format().groupSize();
    for (int group = 0; group < blocks.groups(); group++) {
      blocks.integers(token, group, integers, 0);
      float scale = blocks.scale(token, group);
      float minimum = blocks.minimum(token, group);
      for (int i = 0; i < size; i++) {
        dst[to + group * size + i] = scale * integers[i] + minimum;
      }
    }
  }
}
