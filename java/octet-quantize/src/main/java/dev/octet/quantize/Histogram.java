package dev.octet.quantize;

import java.util.Arrays;

/**
 * Counts of numbers in bins of equal width over (-2^e, 2^e), e the smallest that holds all numbers so far.
 * Growing by a power of two joins bins exactly: the counts are those of all numbers in any order, and two
 * histograms of whatever ranges add up to the one of both sets. With 4096 bins on either side of 0, at least
 * 2048 of them lie below the largest absolute value, TensorRT's number. 64 KiB.
 */
final class Histogram {
  /** On either side of 0. */
  static final int HALF = 4096;
  private static final int LOG_HALF = 12;
  /**
   * Of a histogram that has seen zeros alone: below that of every float, so that any number makes it grow.
   */
  static final int SMALLEST = -149;

  private final long[] counts = new long[2 * HALF];
  private int exponent = SMALLEST;

  /** The smallest e with |x| < 2^e for all |x| <= absmax. */
  static int exponentFor(float absmax) {
    if (absmax == 0) {
      return SMALLEST;
    }
    // of a subnormal number the exponent is that of its highest bit
    return absmax < Float.MIN_NORMAL
        ? 32 - Integer.numberOfLeadingZeros(Float.floatToIntBits(absmax)) - 149
        : Math.getExponent(absmax) + 1;
  }

  /** Makes room for numbers up to an absolute value. */
  void growFor(float absmax) {
    growTo(exponentFor(absmax));
  }

  private void growTo(int newExponent) {
    int shift = newExponent - exponent;
    if (shift <= 0) {
      return;
    }
    exponent = newExponent;
    long[] old = counts.clone();
    Arrays.fill(counts, 0);
    for (int i = 0; i < old.length; i++) {
      // An arithmetic shift rounds to minus infinity, as the bins do; beyond 31 it would wrap.
      counts[((i - HALF) >> Math.min(shift, 31)) + HALF] += old[i];
    }
  }

  /** Counts a finite number, for which there must be room. */
  void add(float x) {
    counts[bin(x)]++;
  }

  /** The bin of a finite number, for which there must be room. */
  int bin(float x) {
    // exact: a power of two times a float, in a double
    return HALF + (int) Math.floor(x / width());
  }

  /** Adds the counts of another one. */
  void add(Histogram other) {
    growTo(other.exponent);
    int shift = Math.min(exponent - other.exponent, 31);
    for (int i = 0; i < counts.length; i++) {
      counts[((i - HALF) >> shift) + HALF] += other.counts[i];
    }
  }

  /** Sets a state that was saved. */
  void restore(int savedExponent, int bin, long count) {
    exponent = savedExponent;
    counts[bin] = count;
  }

  int exponent() {
    return exponent;
  }

  /** The width of a bin. */
  double width() {
    return Math.scalb(1.0, exponent - LOG_HALF);
  }

  /** The count of numbers from {@code (bin - HALF) * width()} to {@code (bin + 1 - HALF) * width()}. */
  long count(int bin) {
    return counts[bin];
  }

  long total() {
    return Arrays.stream(counts).sum();
  }

  /** Counts of absolute values in bins from 0 up. */
  long[] folded() {
    long[] folded = new long[HALF];
    for (int i = 0; i < HALF; i++) {
      folded[i] = counts[HALF + i] + counts[HALF - 1 - i];
    }
    return folded;
  }
}
