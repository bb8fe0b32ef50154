package dev.octet.quantize;

import dev.octet.DataType;
import java.util.Arrays;

/** The ranges that {@link CalibrationMethod}s find in a histogram. */
final class Thresholds {
  /** Shares of the full range that the search for the least error tries. */
  static final int SHARES = 128;
  /** What an empty bin gets of the full ones, as in ONNX Runtime. */
  private static final double EPSILON = 1e-4;

  private Thresholds() {}

  /** @param full the smallest and the largest number */
  static Range percentile(Histogram histogram, Range full, double percent, boolean symmetric) {
    if (symmetric) {
      long[] folded = histogram.folded();
      int bin = binOf(folded, percent / 100);
      float threshold = (float) Math.min((bin + 1) * histogram.width(), full.absmax());
      return clipped(full, threshold);
    }
    double cut = (100 - percent) / 200;
    long[] counts = new long[2 * Histogram.HALF];
    long[] reversed = new long[counts.length];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = histogram.count(i);
      reversed[counts.length - 1 - i] = counts[i];
    }
    int last = binOf(counts, 1 - cut);
    int first = counts.length - 1 - binOf(reversed, 1 - cut);
    float min = Math.max((float) ((first - Histogram.HALF) * histogram.width()), full.min());
    float max = Math.min((float) ((last + 1 - Histogram.HALF) * histogram.width()), full.max());
    return new Range(min, max);
  }

  /** The first bin up to which a share of all numbers lies. */
  private static int binOf(long[] counts, double share) {
    long needed = (long) Math.ceil(share * Arrays.stream(counts).sum());
    long sum = 0;
    for (int i = 0; i < counts.length; i++) {
      sum += counts[i];
      if (sum >= needed && sum > 0) {
        return i;
      }
    }
    return counts.length - 1;
  }

  /** The least divergence; with no more bins than levels nothing is clipped. */
  static Range entropy(Histogram histogram, Range full, DataType type) {
    long[] counts = histogram.folded();
    int used = counts.length;
    while (used > 0 && counts[used - 1] == 0) {
      used--;
    }
    int levels = 1 << (type.bits() - 1);
    double least = Double.POSITIVE_INFINITY;
    int best = used;
    long beyond = 0;
    for (int i = levels; i < used; i++) {
      beyond += counts[i];
    }
    for (int i = levels; i <= used; i++) {
      double divergence = divergence(counts, i, levels, beyond);
      if (divergence < least) {
        least = divergence;
        best = i;
      }
      if (i < used) {
        beyond -= counts[i];
      }
    }
    return clipped(full, (float) Math.min(best * histogram.width(), full.absmax()));
  }

  /** Of the first bins, with what lies beyond them in the last one, from the same bins in so many levels. */
  private static double divergence(long[] counts, int bins, int levels, long beyond) {
    double[] p = new double[bins];
    double[] q = new double[bins];
    for (int i = 0; i < bins; i++) {
      p[i] = counts[i];
    }
    p[bins - 1] += beyond;
    int width = bins / levels;
    for (int level = 0; level < levels; level++) {
      int from = level * width;
      int to = level == levels - 1 ? bins : from + width;
      long sum = 0;
      int filled = 0;
      for (int i = from; i < to; i++) {
        sum += counts[i];
        filled += p[i] > 0 ? 1 : 0;
      }
      for (int i = from; i < to; i++) {
        q[i] = p[i] > 0 ? (double) sum / filled : 0;
      }
    }
    double pSum = smooth(p);
    double qSum = smooth(q);
    if (pSum == 0 || qSum == 0) {
      return Double.POSITIVE_INFINITY;
    }
    double divergence = 0;
    for (int i = 0; i < bins; i++) {
      divergence += p[i] / pSum * Math.log(p[i] / pSum / (q[i] / qSum));
    }
    return divergence;
  }

  /** Moves a little from full bins to empty ones. Returns the sum, 0 where all are empty. */
  private static double smooth(double[] distribution) {
    int empty = 0;
    double sum = 0;
    for (double x : distribution) {
      empty += x == 0 ? 1 : 0;
      sum += x;
    }
    int filled = distribution.length - empty;
    if (filled == 0) {
      return 0;
    }
    double taken = EPSILON * empty / filled;
    for (int i = 0; i < distribution.length; i++) {
      distribution[i] += distribution[i] == 0 ? EPSILON : -taken;
    }
    return sum;
  }

  static Range meanSquaredError(Histogram histogram, Range full, DataType type, boolean symmetric) {
    double least = Double.POSITIVE_INFINITY;
    Range best = full;
    for (int share = SHARES; share > 0; share--) {
      Range range = share(full, share);
      Grid grid = Grid.of("range", range.min(), range.max(), type, symmetric);
      double error = 0;
      for (int i = 0; i < 2 * Histogram.HALF && error < least; i++) {
        if (histogram.count(i) > 0) {
          float x = (float) ((i - Histogram.HALF + 0.5) * histogram.width());
          double difference = x - grid.nearest(x);
          error += histogram.count(i) * difference * difference;
        }
      }
      if (error < least) {
        least = error;
        best = range;
      }
    }
    return best;
  }

  /** A range with both ends shrunk to so many of {@link #SHARES}. */
  static Range share(Range full, int share) {
    float factor = (float) share / SHARES;
    return new Range(full.min() * factor, full.max() * factor);
  }

  private static Range clipped(Range full, float threshold) {
    float min = Math.clamp(full.min(), -threshold, threshold);
    float max = Math.clamp(full.max(), -threshold, threshold);
    return new Range(min, max);
  }
}
