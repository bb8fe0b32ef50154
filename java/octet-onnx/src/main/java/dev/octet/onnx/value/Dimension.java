package dev.octet.onnx.value;

import java.util.Objects;

/**
 * A dimension of an input or an output: a fixed length, or one that is known when the model is run.
 *
 * @param length the length; {@link #UNKNOWN} where it is not fixed
 * @param symbol the model's name of a length that is not fixed, such as {@code batch_size}; empty where it
 *        has none
 */
public record Dimension(long length, String symbol) {
  /** Stands for a length that is known when the model is run. */
  public static final long UNKNOWN = -1;

  /**
   * Checks the length.
   *
   * @throws IllegalArgumentException if it is less than {@link #UNKNOWN}
   */
  public Dimension {
    Objects.requireNonNull(symbol, "symbol");
    if (length < UNKNOWN) {
      throw new IllegalArgumentException("length: expected >= -1, got " + length);
    }
  }

  /**
   * Returns whether the length is fixed.
   *
   * @return false where it is known when the model is run
   */
  public boolean isFixed() {
    return length != UNKNOWN;
  }

  /** Returns the length, else the symbol, else a question mark. */
  @Override
  public String toString() {
    return isFixed() ? Long.toString(length) : symbol.isEmpty() ? "?" : symbol;
  }
}
