package dev.octet.langchain4j;

/**
 * Text as tokens of one model, to be embedded by {@link OctetEmbeddingModel#embedTokenized}: programs that
 * look at the number of tokens first, as for batches of about equal work, tokenize once. Immutable and safe
 * for use by multiple threads. Made by {@link OctetEmbeddingModel#tokenize}.
 */
public final class TokenizedText {
  private final Tokenizer tokenizer;
  private final Tokenizer.Tokens tokens;

  TokenizedText(Tokenizer tokenizer, Tokenizer.Tokens tokens) {
    this.tokenizer = tokenizer;
    this.tokens = tokens;
  }

  /** Whether a tokenizer made it. */
  boolean isOf(Tokenizer other) {
    return tokenizer == other;
  }

  Tokenizer.Tokens tokens() {
    return tokens;
  }

  /**
   * Returns the number of tokens that are embedded.
   *
   * @return how many, without [CLS] and [SEP]; 0 of a text that cannot be embedded
   */
  public int count() {
    return tokens.count();
  }

  /** Returns the number of tokens. */
  @Override
  public String toString() {
    return count() + " tokens";
  }
}
