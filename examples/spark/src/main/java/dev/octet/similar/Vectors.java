package dev.octet.similar;

import java.util.Arrays;

/** What is asked of many vectors, in any order. */
final class Vectors {
  private Vectors() {}

  /** A number of a text and its vector; the sum of those of all texts tells two sets of vectors apart. */
  static long fingerprint(long number, float[] vector) {
    return (number + 1) * 0x9E3779B97F4A7C15L * (Arrays.hashCode(vector) | 1L);
  }

  /** The cosine: vectors have length 1. */
  static float cosine(float[] left, float[] right) {
    float sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += left[i] * right[i];
    }
    return sum;
  }
}
