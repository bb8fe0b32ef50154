package dev.octet.llama;

import dev.octet.quantize.file.GgufFile;
import java.util.Map;

/**
 * Sizes and constants of a model, as the metadata of its file have them.
 *
 * @param layers the number of layers
 * @param hidden features of a token between layers
 * @param heads heads of the queries
 * @param kvHeads heads of keys and values; each serves {@code heads / kvHeads} heads of queries
 * @param headSize features of a head
 * @param feedForward features inside of the feed-forward network
 * @param vocabulary the number of tokens that there are
 * @param context the longest sequence that the model was trained for
 * @param rotated features of a head that are rotated by its position, an even number
 * @param ropeBase base of the frequencies of the rotation
 * @param epsilon what is added to the mean square in a norm
 */
public record LlamaShape(int layers, int hidden, int heads, int kvHeads, int headSize, int feedForward,
    int vocabulary, int context, int rotated, float ropeBase, float epsilon) {
  private static final String ARCHITECTURE = "general.architecture";
  private static final String PREFIX = "llama.";

  /**
   * Checks that the sizes fit each other.
   *
   * @throws IllegalArgumentException if they do not
   */
  public LlamaShape {
    if (heads % kvHeads != 0) {
      throw new IllegalArgumentException(PREFIX + "attention.head_count_kv: expected a divisor of the "
          + heads + " heads, got " + kvHeads);
    }
    if (rotated % 2 != 0 || rotated > headSize) {
      throw new IllegalArgumentException(PREFIX + "rope.dimension_count: expected an even number of at most "
          + headSize + ", got " + rotated);
    }
  }

  /**
   * Reads the metadata of a file.
   *
   * @throws IllegalArgumentException if it is no Llama, a number is missing or does not fit, or the model has
   *         what is not run here
   */
  static LlamaShape of(GgufFile file) {
    Map<String, Object> values = file.metadata();
    if (!"llama".equals(values.get(ARCHITECTURE))) {
      throw new IllegalArgumentException(ARCHITECTURE + ": expected llama, got " + values.get(ARCHITECTURE));
    }
    refuse(values, "expert_count", 0L);
    refuse(values, "rope.scaling.type", "none");
    refuse(values, "rope.scale_linear", 1f);
    int hidden = count(values, "embedding_length", null);
    int heads = count(values, "attention.head_count", null);
    int headSize = count(values, "attention.key_length", hidden / heads);
    refuse(values, "attention.value_length", (long) headSize);
    return new LlamaShape(count(values, "block_count", null), hidden, heads,
        count(values, "attention.head_count_kv", heads), headSize,
        count(values, "feed_forward_length", null), vocabulary(file, hidden),
        count(values, "context_length", null),
        count(values, "rope.dimension_count", headSize), number(values, "rope.freq_base", 10000f),
        number(values, "attention.layer_norm_rms_epsilon", null));
  }

  private static int vocabulary(GgufFile file, int hidden) {
    if (!file.names().contains(Tensors.EMBEDDING)) {
      throw new IllegalArgumentException("tensor " + Tensors.EMBEDDING + ": expected [vocabulary, " + hidden
          + "], is not there");
    }
    return Math.toIntExact(file.tensor(Tensors.EMBEDDING).rows());
  }

  private static int count(Map<String, Object> values, String key, Integer otherwise) {
    Object value = values.getOrDefault(PREFIX + key, otherwise == null ? null : Long.valueOf(otherwise));
    if (value instanceof Long number && number > 0 && number <= Integer.MAX_VALUE) {
      return number.intValue();
    }
    throw new IllegalArgumentException(PREFIX + key + ": expected a number of 1 or more, got " + value);
  }

  private static float number(Map<String, Object> values, String key, Float otherwise) {
    Object value = values.getOrDefault(PREFIX + key, otherwise);
    if (value instanceof Float number && number > 0 && Float.isFinite(number)) {
      return number;
    }
    throw new IllegalArgumentException(PREFIX + key + ": expected a float above 0, got " + value);
  }

  /** What else the value might say is not run here. */
  private static void refuse(Map<String, Object> values, String key, Object only) {
    Object value = values.getOrDefault(PREFIX + key, only);
    if (!value.equals(only)) {
      throw new IllegalArgumentException(PREFIX + key + ": only " + only + " is run here, got " + value);
    }
  }

  /** Features of the queries of a token. */
  int queries() {
    return heads * headSize;
  }

  /** Features of the keys of a token, and of its values. */
  int keys() {
    return kvHeads * headSize;
  }

  /**
   * Returns the most floats that a product takes or gives for a token.
   *
   * @return a number of features, or of tokens
   */
  public int longestRow() {
    return Math.max(Math.max(hidden, vocabulary), Math.max(2 * feedForward, queries() + 2 * keys()));
  }

  /** Heads of queries that share a head of keys and values. */
  int group() {
    return heads / kvHeads;
  }
}
