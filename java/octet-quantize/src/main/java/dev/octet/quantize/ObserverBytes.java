package dev.octet.quantize;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The form of an observer on its way from one process to another: an entropy histogram of 1e6 normal values
 * has 7 KB, where its JSON has 40 KB, and is written and read 5 times as fast. Numbers are big-endian.
 *
 * <pre>
 * magic "OCOB", version (byte), bytes of the tensor's name (int), name (UTF-8)
 * method (byte), its number (double, 0 where it has none), axis (int), batches (long), channels (int)
 * of each channel: values (long), min, max (float), average min, max (double), and, where there are values and
 *   the method has a histogram, those of each bin from that of min to that of max: seven bits a byte, the
 *   lowest first, the highest bit set where more follow
 * </pre>
 */
final class ObserverBytes {
  private static final int MAGIC = 0x4f434f42;
  private static final int VERSION = 1;
  private static final int MIN_MAX = 0;
  private static final int MOVING_AVERAGE = 1;
  private static final int PERCENTILE = 2;
  private static final int ENTROPY = 3;
  private static final int MEAN_SQUARED_ERROR = 4;
  /** What a channel has at least: bytes of few channels cannot ask for the memory of many. */
  private static final int CHANNEL_BYTES = 32;
  /** Of seven bits a byte: up to 2^56 - 1. */
  private static final int MOST_BIN_BYTES = 8;

  private ObserverBytes() {}

  static byte[] write(Observer observer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      write(observer, new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(Observer observer, DataOutputStream out) throws IOException {
    out.writeInt(MAGIC);
    out.writeByte(VERSION);
    byte[] name = observer.tensor().getBytes(StandardCharsets.UTF_8);
    out.writeInt(name.length);
    out.write(name);
    switch (observer.method()) {
      case CalibrationMethod.MinMax _ -> write(out, MIN_MAX, 0);
      case CalibrationMethod.MovingAverage(double weight) -> write(out, MOVING_AVERAGE, weight);
      case CalibrationMethod.Percentile(double percent) -> write(out, PERCENTILE, percent);
      case CalibrationMethod.Entropy _ -> write(out, ENTROPY, 0);
      case CalibrationMethod.MeanSquaredError _ -> write(out, MEAN_SQUARED_ERROR, 0);
    }
    out.writeInt(observer.axis());
    out.writeLong(observer.batches());
    out.writeInt(observer.channels());
    for (int c = 0; c < observer.channels(); c++) {
      write(out, observer.channel(c));
    }
  }

  private static void write(DataOutputStream out, int method, double number) throws IOException {
    out.writeByte(method);
    out.writeDouble(number);
  }

  private static void write(DataOutputStream out, Observer.Channel channel) throws IOException {
    out.writeLong(channel.count);
    out.writeFloat(channel.min);
    out.writeFloat(channel.max);
    out.writeDouble(channel.averageMin);
    out.writeDouble(channel.averageMax);
    if (channel.histogram != null && channel.count > 0) {
      int end = channel.histogram.bin(channel.max);
      for (int bin = channel.histogram.bin(channel.min); bin <= end; bin++) {
        long left = channel.histogram.count(bin);
        for (; left >= 0x80; left >>>= 7) {
          out.writeByte((int) left | 0x80);
        }
        out.writeByte((int) left);
      }
    }
  }

  static Observer read(byte[] state) {
    ByteBuffer in = ByteBuffer.wrap(state);
    try {
      Observer observer = read(in);
      SavedChannel.require(!in.hasRemaining(), "bytes", "nothing after the last channel",
          in.remaining() + " bytes");
      return observer;
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("observer.bytes: expected more, got " + state.length, e);
    }
  }

  private static Observer read(ByteBuffer in) {
    int magic = in.getInt();
    int version = in.get();
    SavedChannel.require(magic == MAGIC && version == VERSION, "bytes", "OCOB version " + VERSION,
        "0x" + Integer.toHexString(magic) + " version " + version);
    byte[] name = new byte[(int) within(in.getInt(), "tensor", 0, in.remaining())];
    in.get(name);
    CalibrationMethod method = method(in.get(), in.getDouble());
    int axis = (int) within(in.getInt(), "axis", -1, 1024);
    long batches = within(in.getLong(), "batches", 0, SavedJson.MOST);
    int most = axis < 0 ? 1 : Observer.mostChannels(method);
    int channels = (int) within(in.getInt(), "channels", 1,
        Math.max(1, Math.min(most, in.remaining() / CHANNEL_BYTES)));
    Observer.Channel[] read = new Observer.Channel[channels];
    for (int c = 0; c < channels; c++) {
      // One after the other: bytes that are no channel take no histogram.
      read[c] = Observer.newChannel(method);
      read(in, read[c], batches, method instanceof CalibrationMethod.MovingAverage);
    }
    Observer observer = new Observer(new String(name, StandardCharsets.UTF_8), method, axis, read);
    observer.restoreBatches(batches);
    return observer;
  }

  private static CalibrationMethod method(int method, double number) {
    return switch (method) {
      case MIN_MAX -> CalibrationMethod.minMax();
      case MOVING_AVERAGE -> new CalibrationMethod.MovingAverage(number);
      case PERCENTILE -> new CalibrationMethod.Percentile(number);
      case ENTROPY -> CalibrationMethod.entropy();
      case MEAN_SQUARED_ERROR -> CalibrationMethod.meanSquaredError();
      default -> throw new IllegalArgumentException("observer.method: expected 0 to 4, got " + method);
    };
  }

  private static void read(ByteBuffer in, Observer.Channel channel, long batches, boolean averages) {
    SavedChannel saved = new SavedChannel(channel);
    long count = within(in.getLong(), "count", 0, SavedJson.MOST);
    saved.count(count, batches, count);
    float min = in.getFloat();
    float max = in.getFloat();
    double averageMin = in.getDouble();
    double averageMax = in.getDouble();
    if (count == 0) {
      return;
    }
    SavedChannel.require(Float.isFinite(min), "min", "a finite number", min);
    SavedChannel.require(Float.isFinite(max), "max", "a finite number", max);
    saved.ends(min, max, min);
    if (averages) {
      saved.averages(averageMin, averageMax, "[" + averageMin + ", " + averageMax + "]");
    }
    if (channel.histogram != null) {
      saved.openHistogram();
      for (int bin = saved.first(); bin <= saved.end(); bin++) {
        long values = binValues(in);
        if (values > 0) {
          saved.bin(bin, values, values);
        }
      }
      saved.closeHistogram();
    }
  }

  private static long binValues(ByteBuffer in) {
    long values = 0;
    for (int i = 0; i < MOST_BIN_BYTES; i++) {
      byte next = in.get();
      values |= (next & 0x7fL) << (7 * i);
      if (next >= 0) {
        return values;
      }
    }
    throw new IllegalArgumentException(
        "observer.histogram.bins: expected counts of at most " + MOST_BIN_BYTES + " bytes, got more");
  }

  private static long within(long value, String field, long least, long most) {
    SavedChannel.require(value >= least && value <= most, field, "an integer from " + least + " to " + most,
        value);
    return value;
  }
}
