package dev.octet.minilm;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Text to token ids, and made-up sentences of an exact number of tokens for timing. */
public final class Tokens implements AutoCloseable {
  private final HuggingFaceTokenizer tokenizer;

  /** With the tokenizer of the class path. */
  public Tokens() {
    try {
      tokenizer = HuggingFaceTokenizer.newInstance(
          new ByteArrayInputStream(ModelFiles.read(ModelFiles.TOKENIZER)),
          Map.of("padding", "false", "truncation", "false"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start the tokenizer", e);
    }
  }

  /** The ids of one sentence, [CLS] and [SEP] included. */
  public int[] of(String sentence) {
    long[] ids = tokenizer.encode(sentence).getIds();
    int[] result = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      result[i] = (int) ids[i];
    }
    return result;
  }

  /** The ids of many sentences. */
  public int[][] of(List<String> sentences) {
    return sentences.stream().map(this::of).toArray(int[][]::new);
  }

  /** A batch of sentences of exactly so many tokens: words drawn from real sentences, always the same. */
  public static int[][] ofLength(int[][] vocabulary, int batch, int tokens) {
    Random random = new Random(7);
    int[][] result = new int[batch][tokens];
    for (int[] sentence : result) {
      sentence[0] = vocabulary[0][0];
      for (int i = 1; i < tokens - 1; i++) {
        int[] from = vocabulary[random.nextInt(vocabulary.length)];
        sentence[i] = from[1 + random.nextInt(from.length - 2)];
      }
      sentence[tokens - 1] = vocabulary[0][vocabulary[0].length - 1];
    }
    return result;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
