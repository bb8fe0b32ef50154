package dev.octet.quantize;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Records the numbers of one tensor and chooses the range that its integers cover; also called a calibrator.
 * Streaming: memory does not grow with what it has seen (a few numbers a channel for
 * {@link CalibrationMethod.MinMax} and {@link CalibrationMethod.MovingAverage}, 64 KiB a channel for the
 * others, which count in a histogram). One thread at a time; for many workers give each its own, and
 * {@link #merge} them.
 *
 * {@snippet :
 * Observer input = Observer.perTensor("encoder.0.ffn.input", CalibrationMethod.entropy());
 * for (float[] batch : batches) {
 *   input.observe(batch, Shape.of(batch.length / 768, 768));
 * }
 * Quantization u8 = input.quantization(DataType.U8, false);
 * }
 */
public final class Observer {
  /** Share of numbers in one bin from which a histogram says nothing of them. */
  private static final double MOST_IN_A_BIN = 0.99;
  private final String tensor;
  private final CalibrationMethod method;
  /** -1 per tensor. */
  private final int axis;
  private final Channel[] channels;
  private long batches;

  /** What is known of a channel. */
  static final class Channel {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    long count;
    double averageMin;
    double averageMax;
    /** Null where the method needs none. */
    final Histogram histogram;

    Channel(boolean counts) {
      histogram = counts ? new Histogram() : null;
    }
  }

  private Observer(String tensor, CalibrationMethod method, int axis, int channels) {
    this(tensor, method, axis, new Channel[channels]);
    Arrays.setAll(this.channels, i -> newChannel(method));
  }

  /** An observer of channels that were saved. */
  Observer(String tensor, CalibrationMethod method, int axis, Channel[] channels) {
    this.tensor = Objects.requireNonNull(tensor, "tensor");
    this.method = Objects.requireNonNull(method, "method");
    this.axis = axis;
    this.channels = channels;
  }

  static Channel newChannel(CalibrationMethod method) {
    return new Channel(counts(method));
  }

  /** A bound of memory, for files that come from anywhere: 1 GiB of histograms, 40 MiB of ends. */
  static int mostChannels(CalibrationMethod method) {
    return counts(method) ? 1 << 14 : 1 << 20;
  }

  private static boolean counts(CalibrationMethod method) {
    return switch (method) {
      case CalibrationMethod.MinMax _,CalibrationMethod.MovingAverage _ -> false;
      case CalibrationMethod.Percentile _,CalibrationMethod.Entropy _,CalibrationMethod.MeanSquaredError _ ->
        true;
    };
  }

  /**
   * Creates an observer of one range for the whole tensor.
   *
   * @param tensor its name, for messages and files
   * @param method how the range is found
   * @return an observer that has seen nothing
   */
  public static Observer perTensor(String tensor, CalibrationMethod method) {
    return new Observer(tensor, method, -1, 1);
  }

  /**
   * Creates an observer of one range for each index on an axis.
   *
   * @param tensor its name, for messages and files
   * @param method how the ranges are found
   * @param axis 0 for the outermost
   * @param channels the length of that axis; at most 16,384 with histograms, 1,048,576 without
   * @return an observer that has seen nothing
   * @throws IllegalArgumentException if the axis is negative or there are no channels, or too many
   */
  public static Observer perChannel(String tensor, CalibrationMethod method, int axis, int channels) {
    Objects.requireNonNull(method, "method");
    if (axis < 0) {
      throw new IllegalArgumentException("axis: expected >= 0, got " + axis);
    }
    if (channels < 1 || channels > mostChannels(method)) {
      throw new IllegalArgumentException(
          "channels: expected 1 to " + mostChannels(method) + " for " + method + ", got " + channels);
    }
    return new Observer(tensor, method, axis, channels);
  }

  /**
   * Records a batch. Where it is refused, nothing of it is counted.
   *
   * @param values row-major, all finite; not kept
   * @param shape their shape
   * @throws IllegalArgumentException if there are more or fewer values than the shape says, the axis has
   *         another length than the observer's, or a value is NaN or infinite, named by tensor and position
   */
  public void observe(float[] values, Shape shape) {
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(shape, "shape");
    if (values.length != shape.elements()) {
      throw new IllegalArgumentException(
          tensor + ": expected " + shape.elements() + " values for shape " + shape + ", got "
              + values.length);
    }
    if (axis >= 0 && (axis >= shape.rank() || shape.dim(axis) != channels.length)) {
      throw new IllegalArgumentException(
          tensor + ": expected " + channels.length + " channels on axis " + axis
              + ", got shape " + shape);
    }
    int inner = inner(shape);
    float[] min = new float[channels.length];
    float[] max = new float[channels.length];
    Arrays.fill(min, Float.POSITIVE_INFINITY);
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < values.length; i++) {
      float x = values[i];
      if (!Float.isFinite(x)) {
        throw new IllegalArgumentException(
            tensor + Arrays.toString(shape.position(i)) + ": expected a finite number, got " + x);
      }
      int c = i / inner % channels.length;
      min[c] = Math.min(min[c], x);
      max[c] = Math.max(max[c], x);
    }
    if (values.length == 0) {
      return;
    }
    for (int c = 0; c < channels.length; c++) {
      observeEnds(channels[c], min[c], max[c], values.length / channels.length);
    }
    batches++;
    if (counts(method)) {
      for (int i = 0; i < values.length; i++) {
        channels[i / inner % channels.length].histogram.add(values[i]);
      }
    }
  }

  /**
   * Records a batch without a shape, per tensor only.
   *
   * @param values all finite; not kept
   * @throws IllegalArgumentException if this observer is one per channel, or a value is NaN or infinite
   */
  public void observe(float... values) {
    Objects.requireNonNull(values, "values");
    observe(values, Shape.of(values.length));
  }

  private void observeEnds(Channel channel, float min, float max, long count) {
    channel.min = Math.min(channel.min, min);
    channel.max = Math.max(channel.max, max);
    if (method instanceof CalibrationMethod.MovingAverage average) {
      double weight = batches == 0 ? 1 : average.weight();
      channel.averageMin = moved(channel.averageMin, weight, min);
      channel.averageMax = moved(channel.averageMax, weight, max);
    }
    channel.count += count;
    if (channel.histogram != null) {
      channel.histogram.growFor(Math.max(Math.abs(min), Math.abs(max)));
    }
  }

  /** The whole weight is no step: 1e30 + (1 - 1e30) is 0. */
  private static double moved(double average, double weight, double newest) {
    return weight == 1 ? newest : average + weight * (newest - average);
  }

  /** How many consecutive elements belong to one channel. */
  private int inner(Shape shape) {
    if (axis < 0) {
      return 1;
    }
    long inner = 1;
    for (int a = axis + 1; a < shape.rank(); a++) {
      inner *= shape.dim(a);
    }
    return (int) Math.max(inner, 1);
  }

  /**
   * Adds what another observer has recorded. Exactly as if this one had seen both, in any order, for all
   * methods but {@link CalibrationMethod.MovingAverage}, which depends on an order that is lost: there the
   * averages are weighted by the numbers of batches.
   *
   * @param other an observer of the same tensor, method and channels; stays as it is
   * @throws IllegalArgumentException if tensor, method, axis or channels are others
   */
  public void merge(Observer other) {
    Objects.requireNonNull(other, "other");
    if (!tensor.equals(other.tensor) || !method.equals(other.method) || axis != other.axis
        || channels.length != other.channels.length) {
      throw new IllegalArgumentException("merge: expected an observer of " + this + ", got one of " + other);
    }
    if (other.batches == 0) {
      return;
    }
    double share = (double) other.batches / (batches + other.batches);
    for (int c = 0; c < channels.length; c++) {
      Channel mine = channels[c];
      Channel theirs = other.channels[c];
      mine.min = Math.min(mine.min, theirs.min);
      mine.max = Math.max(mine.max, theirs.max);
      mine.averageMin = moved(mine.averageMin, share, theirs.averageMin);
      mine.averageMax = moved(mine.averageMax, share, theirs.averageMax);
      mine.count += theirs.count;
      if (mine.histogram != null) {
        mine.histogram.add(theirs.histogram);
      }
    }
    batches += other.batches;
  }

  /**
   * Returns the range of a channel.
   *
   * @param channel 0 per tensor
   * @param type the type whose integers are to cover it: entropy and squared error depend on it
   * @param symmetric whether zero point 0 is wanted
   * @return the range
   * @throws IndexOutOfBoundsException if there is no such channel
   * @throws IllegalStateException if nothing was seen
   */
  public Range range(int channel, DataType type, boolean symmetric) {
    Objects.requireNonNull(type, "type");
    Channel seen = channels[Objects.checkIndex(channel, channels.length)];
    if (batches == 0) {
      throw new IllegalStateException(tensor + ": no values were observed");
    }
    Range full = new Range(seen.min, seen.max);
    return switch (method) {
      case CalibrationMethod.MinMax _ -> full;
      case CalibrationMethod.MovingAverage _ -> new Range((float) seen.averageMin, (float) seen.averageMax);
      case CalibrationMethod.Percentile(double percent) ->
        Thresholds.percentile(seen.histogram, full, percent, symmetric);
      case CalibrationMethod.Entropy _ -> Thresholds.entropy(seen.histogram, full, type);
      case CalibrationMethod.MeanSquaredError _ ->
        Thresholds.meanSquaredError(seen.histogram, full, type, symmetric);
    };
  }

  /**
   * Returns the scales and zero points of the ranges.
   *
   * @param type U8, S8, U4 or S4
   * @param symmetric whether zero points are 0; signed types only
   * @return per tensor or per channel, as this observer is
   * @throws IllegalArgumentException if the type does not fit or a range overflows binary32
   * @throws IllegalStateException if nothing was seen
   */
  public Quantization quantization(DataType type, boolean symmetric) {
    Objects.requireNonNull(type, "type");
    if (!type.isQuantized() || (symmetric && !type.isSigned())) {
      throw new IllegalArgumentException(
          "type: expected " + (symmetric ? "S8 or S4" : "U8, S8, U4 or S4") + ", got " + type);
    }
    Grid[] grids = new Grid[channels.length];
    for (int c = 0; c < grids.length; c++) {
      Range range = range(c, type, symmetric);
      grids[c] = Grid.of(tensor, range.min(), range.max(), type, symmetric);
    }
    return axis < 0 ? Grid.perTensor(grids[0]) : Grid.perChannel(axis, grids);
  }

  /**
   * Returns whether all numbers that were seen are 0, which says nothing of the numbers to come: scales are 1
   * then, and all larger than the type's largest integer are clipped.
   *
   * @return true if so; false where nothing was seen
   */
  public boolean sawOnlyZeros() {
    return batches > 0 && Arrays.stream(channels).allMatch(channel -> channel.min == 0 && channel.max == 0);
  }

  /**
   * Returns warnings where a histogram cannot tell numbers apart: 99 % of them and more lie in the bin next
   * to 0, because one or a few outliers made bins so wide. Methods without a histogram have no such trouble.
   *
   * @return a sentence for each such channel, with the name of the tensor; empty where there is none
   */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    for (int c = 0; c < channels.length; c++) {
      Histogram histogram = channels[c].histogram;
      if (histogram == null || channels[c].count == 0) {
        continue;
      }
      long next = histogram.count(Histogram.HALF) + histogram.count(Histogram.HALF - 1);
      if (next >= MOST_IN_A_BIN * channels[c].count && next < channels[c].count) {
        warnings.add(String.format(Locale.ROOT,
            "%s%s: %d of %d numbers lie within one bin, of width %.3g, of the histogram; the %d others, up to %.3g, hide them:"
                + " leave outliers out of the calibration, or take min-max or moving-average",
            tensor, axis < 0 ? "" : ", channel " + c, next, channels[c].count, histogram.width(),
            channels[c].count - next, Math.max(Math.abs(channels[c].min), Math.abs(channels[c].max))));
      }
    }
    return warnings;
  }

  /**
   * Returns the name of the tensor.
   *
   * @return the name
   */
  public String tensor() {
    return tensor;
  }

  /**
   * Returns the method by which ranges are found.
   *
   * @return the method
   */
  public CalibrationMethod method() {
    return method;
  }

  /**
   * Returns the axis of the channels.
   *
   * @return the axis, -1 per tensor
   */
  public int axis() {
    return axis;
  }

  /**
   * Returns the number of ranges.
   *
   * @return 1 per tensor
   */
  public int channels() {
    return channels.length;
  }

  /**
   * Returns the number of batches that were recorded, empty ones not counted.
   *
   * @return the number
   */
  public long batches() {
    return batches;
  }

  Channel channel(int index) {
    return channels[index];
  }

  void restoreBatches(long saved) {
    batches = saved;
  }

  /**
   * Returns the state as JSON, in the format of {@link #fromJson}.
   *
   * @return one line of text
   */
  public String toJson() {
    return ObserverJson.write(this);
  }

  /**
   * Restores an observer that {@link #toJson} saved: an object with {@code "format": "octet-observer"},
   * {@code "version": 1}, {@code "tensor"}, {@code "method"} ({@code min-max}, {@code moving-average},
   * {@code percentile}, {@code entropy} or {@code mse}; its number, where it has one, as
   * {@code "parameter"}), {@code "axis"}, {@code "batches"} and {@code "channels"}: for each {@code "count"},
   * {@code "min"}, {@code "max"} (absent where nothing was seen), {@code "average"} ({@code [min, max]},
   * moving average only) and {@code "histogram"}: {@code "exponent"} e and {@code "bins"}, pairs
   * {@code [bin, count]} of the bins that are not empty, of 8192 of equal width from -2^e to 2^e. No count is
   * above 2^53.
   *
   * @param json the text
   * @return the observer
   * @throws IllegalArgumentException if the text is no such object or contradicts itself
   */
  public static Observer fromJson(String json) {
    Objects.requireNonNull(json, "json");
    return ObserverJson.read(json);
  }

  /**
   * Returns the state as bytes, in a form of their own for {@link #fromBytes}: a fifth of the JSON of a
   * histogram, for the way to another process. What is kept is better kept as JSON: processes of other
   * releases may refuse the bytes.
   *
   * @return a new array
   */
  public byte[] toBytes() {
    return ObserverBytes.write(this);
  }

  /**
   * Restores an observer that {@link #toBytes} saved.
   *
   * @param state the bytes; not kept
   * @return the observer
   * @throws IllegalArgumentException if the bytes are no such state, of another version, or contradict
   *         themselves
   */
  public static Observer fromBytes(byte[] state) {
    Objects.requireNonNull(state, "state");
    return ObserverBytes.read(state);
  }

  /** Returns tensor, method and channels as text. */
  @Override
  public String toString() {
    return tensor + " (" + method + (axis < 0 ? "" : ", " + channels.length + " channels on axis " + axis)
        + ")";
  }
}
