package dev.octet.onnx.internal.plan;

import java.util.Arrays;

/**
 * The ranks and dimensions of all inputs of a run: what tells plans apart, as types are always the same. Made
 * for one run after the other, so that finding a plan allocates nothing. Not safe for use by threads.
 */
public final class ShapeKey {
  private long[] numbers = new long[16];
  private int length;

  /** Begins anew. */
  public void clear() {
    length = 0;
  }

  /** Adds a rank, or a dimension. */
  public void add(long number) {
    if (length == numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * length);
    }
    numbers[length++] = number;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ShapeKey key
        && Arrays.equals(numbers, 0, length, key.numbers, 0, key.length);
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + Long.hashCode(numbers[i]);
    }
    return hash;
  }
}
