package dev.octet.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Shape;
import dev.octet.testing.Fuzzing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Observers as bytes: what JSON keeps, in less, and what contradicts itself is refused. */
class ObserverBytesTest {
  private static final List<CalibrationMethod> METHODS = List.of(CalibrationMethod.minMax(),
      CalibrationMethod.movingAverage(), CalibrationMethod.percentile(99.9), CalibrationMethod.entropy(),
      CalibrationMethod.meanSquaredError());
  /** Before the channels: magic, version, "x" and its length, method and number, axis, batches, channels. */
  private static final int HEAD = 4 + 1 + 4 + 1 + 1 + 8 + 4 + 8 + 4;

  @Test
  void whatIsReadIsWhatWasWritten() {
    for (CalibrationMethod method : METHODS) {
      for (int seed = 0; seed < 20; seed++) {
        Random random = new Random(seed);
        Observer observer = seed % 2 == 0
            ? Observer.perTensor("größe." + seed, method)
            : Observer.perChannel("x", method, 1, 3);
        for (int batch = random.nextInt(4); batch > 0; batch--) {
          float[] values = new float[300];
          float scale = Math.scalb(1f, random.nextInt(-140, 100));
          for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(4) == 0 ? 0 : scale * (float) random.nextGaussian();
          }
          observer.observe(values, Shape.of(100, 3));
        }
        byte[] state = observer.toBytes();
        Observer read = Observer.fromBytes(state);
        assertEquals(observer.toJson(), read.toJson(), method + " seed " + seed);
        assertArrayEquals(state, read.toBytes(), method + " seed " + seed);
      }
    }
  }

  /** Counts of one, two and eight bytes. */
  @Test
  void countsOfAllSizes() {
    for (long most : new long[]{1, 127, 128, 16384, (1L << 53) - 4}) {
      String json = ("{\"format\":\"octet-observer\",\"version\":1,\"tensor\":\"x\",\"method\":\"entropy\",\"axis\":-1,"
          + "\"batches\":1,\"channels\":[{\"count\":%d,\"min\":-1.0,\"max\":3.0,\"histogram\":{\"exponent\":2,"
          + "\"bins\":[[3072,1],[5120,%d],[7168,2]]}}]}").formatted(most + 3, most);
      assertEquals(json, Observer.fromBytes(Observer.fromJson(json).toBytes()).toJson());
    }
  }

  @Test
  void aHistogramTakesAFifthOfItsJson() {
    Observer observer = Observer.perTensor("x", CalibrationMethod.entropy());
    Random random = new Random(1);
    float[] values = new float[1_000_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    observer.observe(values);
    int bytes = observer.toBytes().length;
    int json = observer.toJson().length();
    assertTrue(5 * bytes <= json, bytes + " bytes, " + json + " of JSON");
  }

  @Test
  void contradictionsAreRefusedByField() {
    byte[] state = percentile().toBytes();
    refused("observer.bytes: expected OCOB version 1, got 0x4f434f43 version 1",
        changed(state, 3, (byte) 'C'));
    refused("observer.bytes: expected OCOB version 1, got 0x4f434f42 version 2",
        changed(state, 4, (byte) 2));
    refused("observer.tensor: expected an integer from 0 to ", changed(state, 5, (byte) 0x7f));
    refused("observer.method: expected 0 to 4, got 9", changed(state, 10, (byte) 9));
    refused("percent: expected above 50 and at most 100", changed(state, 11, (byte) 0));
    refused("observer.axis: expected an integer from -1 to 1024, got ", changed(state, 19, (byte) 0x7f));
    refused("observer.batches: expected an integer from 0 to 9007199254740992, got ",
        changed(state, 23, (byte) 0x7f));
    refused("observer.channels: expected an integer from 1 to 1, got 2", changed(state, 34, (byte) 2));
    byte[] channels = Observer.perChannel("x", CalibrationMethod.entropy(), 0, 3).toBytes();
    refused("observer.channels: expected an integer from 1 to 3, got 16387", // of memory that no byte stands
                                                                             // for
        changed(channels, HEAD - 2, (byte) 0x40));
    refused("observer.count: expected at least one value in each of 2 batches",
        changed(state, HEAD + 7, (byte) 1));
    refused("observer.min: expected a finite number, got NaN", state(Float.NaN, 3));
    refused("observer.max: expected a finite number, got Infinity", state(-1, Float.POSITIVE_INFINITY));
    refused("observer.min: expected at most max 3.0, got 4.0", state(4, 3));
    refused("observer.histogram.bins: expected min and max in bins that are not empty",
        changed(state, HEAD + 32, (byte) 0, HEAD + 33, (byte) 1));
    refused("observer.histogram.bins: expected min and max in bins that are not empty",
        changed(state, HEAD + 32, (byte) 3, state.length - 1, (byte) 0));
    refused("observer.histogram.bins: expected counts above 0 that add up to 4, got 9",
        changed(state, HEAD + 32, (byte) 9));
    refused("observer.histogram.bins: expected counts that add up to 5, got 4",
        changed(state, HEAD + 7, (byte) 5));
    byte[] long9 = state.clone();
    Arrays.fill(long9, HEAD + 32, HEAD + 41, (byte) 0x80);
    refused("observer.histogram.bins: expected counts of at most 8 bytes, got more", long9);
    refused("observer.bytes: expected nothing after the last channel, got 1 bytes",
        Arrays.copyOf(state, state.length + 1));
    for (int length = 0; length < state.length; length++) {
      refused("observer.", Arrays.copyOf(state, length));
    }
  }

  @Test
  void bytesThatWereTamperedWithAreAnObserverOrAnError(@TempDir Path folder) throws IOException {
    Fuzzing.mutate(new ObserverBytesTarget(), 5000, folder);
  }

  private static Observer percentile() {
    Observer observer = Observer.perTensor("x", CalibrationMethod.percentile(99.5));
    observer.observe(-1, 3);
    observer.observe(1, 3);
    return observer;
  }

  private static byte[] state(float min, float max) {
    byte[] state = percentile().toBytes();
    ByteBuffer.wrap(state).putFloat(HEAD + 8, min).putFloat(HEAD + 12, max);
    return state;
  }

  private static byte[] changed(byte[] state, int at, byte value) {
    byte[] changed = state.clone();
    changed[at] = value;
    return changed;
  }

  private static byte[] changed(byte[] state, int at, byte value, int also, byte other) {
    return changed(changed(state, at, value), also, other);
  }

  private static void refused(String message, byte[] state) {
    String got = assertThrows(IllegalArgumentException.class, () -> Observer.fromBytes(state), message)
        .getMessage();
    assertTrue(got.startsWith(message), got);
  }
}
