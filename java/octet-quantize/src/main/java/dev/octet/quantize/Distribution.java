package dev.octet.quantize;

/**
 * Holds the counts of a tensor's numbers in bins of equal width, for plots. The array is borrowed.
 *
 * @param from the lower end of the first bin
 * @param width of each bin
 * @param counts one for each bin
 */
public record Distribution(double from, double width, long[] counts) {
  private static final int MOST_BINS = 128;

  /** The bins of a histogram that are not empty, joined to 128 at the most. */
  static Distribution of(Histogram histogram) {
    int first = 0;
    int end = 2 * Histogram.HALF;
    while (first < end && histogram.count(first) == 0) {
      first++;
    }
    while (end > first && histogram.count(end - 1) == 0) {
      end--;
    }
    int joined = Math.max(1, Math.ceilDiv(end - first, MOST_BINS));
    long[] counts = new long[Math.ceilDiv(end - first, joined)];
    for (int i = first; i < end; i++) {
      counts[(i - first) / joined] += histogram.count(i);
    }
    return new Distribution((first - Histogram.HALF) * histogram.width(), joined * histogram.width(), counts);
  }
}
