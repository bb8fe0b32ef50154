package dev.octet.langchain4j;

/** Names how the hidden states of the tokens of a text become one vector. */
public enum Pooling {
  /** The hidden state of the first token, [CLS]. */
  CLS,
  /** The mean of the hidden states of all tokens, [CLS] and [SEP] included. */
  MEAN
}
