package dev.octet.langchain4j;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Texts to token ids, cut and split as langchain4j's in-process models do it. Safe for use by threads. */
final class Tokenizer implements AutoCloseable {
  /** The most tokens of a part, besides the first and the last token: BERT has 512 positions. */
  private static final int PART = 510;

  /** How tokens begin that go on with the word of the token before. */
  private static final String CONTINUED = "##";

  private final HuggingFaceTokenizer tokenizer;
  private final int maxTokens;

  /**
   * Tokens of a text.
   *
   * @param count how many, without [CLS] and [SEP]
   * @param parts the ids, in parts that the model takes, each with [CLS] and [SEP]; none where the text has
   *        no tokens
   */
  record Tokens(int count, List<long[]> parts) {}

  /**
   * A tokenizer.
   *
   * @param json tokenizer.json; not closed
   * @param maxTokens where texts are cut, [CLS] and [SEP] included; 0: where tokenizer.json says, at 512
   *        tokens where it does not
   */
  Tokenizer(InputStream json, int maxTokens) {
    this.maxTokens = maxTokens == 0 ? Integer.MAX_VALUE : maxTokens;
    try {
      // one that is told to cut at more than 512 tokens cuts at 512 all the same
      this.tokenizer = HuggingFaceTokenizer.newInstance(json,
          maxTokens == 0 ? Map.of("padding", "false") : Map.of("padding", "false", "truncation", "false"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the tokenizer: " + e.getMessage(), e);
    }
  }

  Tokens tokenize(String text) {
    Encoding encoding = tokenizer.encode(text, true, false);
    long[] ids = encoding.getIds();
    int end = Math.min(ids.length, maxTokens) - 1; // [SEP]
    if (end < 2) {
      return new Tokens(0, List.of());
    }
    List<long[]> parts = new ArrayList<>();
    String[] tokens = encoding.getTokens();
    for (int from = 1; from < end;) {
      int to = end - from <= PART ? end : wordStart(tokens, from, from + PART);
      long[] part = new long[to - from + 2];
      part[0] = ids[0];
      System.arraycopy(ids, from, part, 1, to - from);
      part[part.length - 1] = ids[ids.length - 1];
      parts.add(part);
      from = to;
    }
    return new Tokens(end - 1, parts);
  }

  /** Where the word begins that a token is of; the token itself where all of the part is one word. */
  private static int wordStart(String[] tokens, int from, int at) {
    int start = at;
    while (start > from && tokens[start].startsWith(CONTINUED)) {
      start--;
    }
    return start == from ? at : start;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
