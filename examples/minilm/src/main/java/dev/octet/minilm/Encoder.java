package dev.octet.minilm;

/** Something that embeds sentences. One thread at a time. */
public interface Encoder extends AutoCloseable {
  /** The name in tables and files. */
  String name();

  /**
   * Embeds a batch.
   *
   * @param sentences token ids, each sentence with its [CLS] and [SEP]
   * @return a vector of length 1 for each sentence: the mean of the last hidden states, normalized
   */
  float[][] embed(int[][] sentences);

  /** Megabytes (10^6) of the weights of the linear layers as this encoder holds them. */
  double weightMegabytes();

  @Override
  void close();
}
