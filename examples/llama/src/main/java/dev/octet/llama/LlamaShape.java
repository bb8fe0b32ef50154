package dev.octet.llama;

import dev.octet.quantize.file.GgufFile;

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
    String architecture = file.metadata(ARCHITECTURE).asString("nothing");
    if (!architecture.equals("llama")) {
      throw new IllegalArgumentException(ARCHITECTURE + ": expected llama, got " + architecture);
    }
    refuse("expert_count", file.metadata(PREFIX + "expert_count").asInt(0), 0);
    refuse("rope.scaling.type", file.metadata(PREFIX + "rope.scaling.type").asString("none"), "none");
    refuse("rope.scale_linear", file.metadata(PREFIX + "rope.scale_linear").asFloat(1), 1f);
    int hidden = count(file, "embedding_length");
    int heads = count(file, "attention.head_count");
    int headSize = count(file, "attention.key_length", hidden / heads);
    refuse("attention.value_length", file.metadata(PREFIX + "attention.value_length").asInt(headSize),
        headSize);
    return new LlamaShape(count(file, "block_count"), hidden, heads,
        count(file, "attention.head_count_kv", heads), headSize, count(file, "feed_forward_length"),
        vocabulary(file, hidden), count(file, "context_length"),
        count(file, "rope.dimension_count", headSize),
        positive("rope.freq_base", file.metadata(PREFIX + "rope.freq_base").asFloat(10000)),
        positive("attention.layer_norm_rms_epsilon",
            file.metadata(PREFIX + "attention.layer_norm_rms_epsilon").asFloat()));
  }

  private static int vocabulary(GgufFile file, int hidden) {
    if (!file.names().contains(Tensors.EMBEDDING)) {
      throw new IllegalArgumentException("tensor " + Tensors.EMBEDDING + ": expected [vocabulary, " + hidden
          + "], is not there");
    }
    return Math.toIntExact(file.tensor(Tensors.EMBEDDING).rows());
  }

  private static int count(GgufFile file, String key) {
    return positive(key, file.metadata(PREFIX + key).asInt());
  }

  private static int count(GgufFile file, String key, int fallback) {
    return positive(key, file.metadata(PREFIX + key).asInt(fallback));
  }

  private static int positive(String key, int number) {
    if (number < 1) {
      throw new IllegalArgumentException(PREFIX + key + ": expected a number of 1 or more, got " + number);
    }
    return number;
  }

  private static float positive(String key, float number) {
    if (!(number > 0 && Float.isFinite(number))) {
      throw new IllegalArgumentException(PREFIX + key + ": expected a float above 0, got " + number);
    }
    return number;
  }

  /** What else the value might say is not run here. */
  private static void refuse(String key, Object value, Object only) {
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
