package dev.octet.quantize;

/** A channel of an observer that was saved. It may come from anywhere, and is held to be consistent. */
final class SavedChannel {
  private static final String WHAT = "observer";

  private final Observer.Channel channel;
  /** The bins that min and max lie in. */
  private int first;
  private int end;
  /** What the bins so far leave of the count, which is at least 0: no sum overflows. */
  private long left;
  private int last = -1;

  SavedChannel(Observer.Channel channel) {
    this.channel = channel;
  }

  /**
   * Sets the number of values.
   *
   * @param count from 0 to 2^53
   * @param batches of the observer
   * @param got how it was written
   */
  void count(long count, long batches, Object got) {
    require(count >= batches && (batches > 0 || count == 0), "count",
        "at least one value in each of " + batches + " batches, none without", got);
    channel.count = count;
    left = count;
  }

  /** Sets the smallest and the largest value, which are finite. */
  void ends(float min, float max, Object got) {
    require(min <= max, "min", "at most max " + max, got);
    channel.min = min;
    channel.max = max;
  }

  /** Sets the averages of both ends, which say nothing where nothing was seen. */
  void averages(double min, double max, Object got) {
    if (channel.count == 0) {
      return;
    }
    require(min <= max && min >= channel.min && max <= channel.max, "average",
        "min <= max, within min and max of all", got);
    channel.averageMin = min;
    channel.averageMax = max;
  }

  /** Makes the histogram one of no counts for values between both ends. */
  void openHistogram() {
    channel.histogram.restore(exponent(), 0, 0);
    if (channel.count > 0) {
      first = channel.histogram.bin(channel.min);
      end = channel.histogram.bin(channel.max);
    }
  }

  /** The exponent of the histogram. */
  int exponent() {
    return Histogram.exponentFor(absmax());
  }

  /** The largest absolute value; 0 where nothing was seen. */
  float absmax() {
    return channel.count == 0 ? 0 : Math.max(Math.abs(channel.min), Math.abs(channel.max));
  }

  /** The first bin that is not empty. */
  int first() {
    return first;
  }

  /** The last bin that is not empty. */
  int end() {
    return end;
  }

  /** Sets a count of the histogram. */
  void bin(int bin, long count, Object got) {
    require(bin > last && bin < 2 * Histogram.HALF && channel.count > 0 && bin >= first && bin <= end,
        "histogram.bins", "ascending bins between those of min and max", got);
    require(count > 0 && count <= left, "histogram.bins", "counts above 0 that add up to " + channel.count,
        got);
    channel.histogram.restore(exponent(), bin, count);
    left -= count;
    last = bin;
  }

  /** Ends the histogram. */
  void closeHistogram() {
    require(left == 0, "histogram.bins", "counts that add up to " + channel.count, channel.count - left);
    require(channel.count == 0 || (channel.histogram.count(first) > 0 && channel.histogram.count(end) > 0),
        "histogram.bins", "min and max in bins that are not empty", "bins up to " + last);
  }

  static void require(boolean condition, String field, String expected, Object got) {
    SavedJson.require(condition, WHAT + "." + field, expected, got);
  }
}
