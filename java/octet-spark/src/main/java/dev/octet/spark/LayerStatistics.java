package dev.octet.spark;

import dev.octet.Shape;
import dev.octet.quantize.InputMoments;
import dev.octet.quantize.Observer;
import dev.octet.quantize.file.RecordedInputs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a task has seen of the inputs of layers. States travel as bytes, those of observers and the JSON of
 * moments with their lengths: arrays of bytes suit every serializer that Spark is configured with.
 */
final class LayerStatistics {
  /** The state of a task that there is not. */
  static final byte[] NOTHING = {};

  private static final String INPUT = ".input";

  private final Recording recording;
  private final SortedMap<String, Observer> observers = new TreeMap<>();
  /** Empty where the features of layers are not known. */
  private final SortedMap<String, InputMoments> moments = new TreeMap<>();

  LayerStatistics(Recording recording) {
    this.recording = recording;
  }

  static LayerStatistics of(Recording recording, byte[] state) {
    LayerStatistics result = new LayerStatistics(recording);
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
      for (int left = in.readInt(); left > 0; left--) {
        Observer observer = Observer.fromBytes(bytes(in));
        String layer = layer(observer.tensor());
        result.observers.put(layer, observer);
        if (recording.features() != null) {
          result.moments.put(layer, InputMoments.fromJson(new String(bytes(in), StandardCharsets.UTF_8)));
        }
      }
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The state of what two have seen. */
  static byte[] merged(Recording recording, byte[] first, byte[] second) {
    if (first.length == 0 || second.length == 0) {
      return first.length == 0 ? second : first;
    }
    LayerStatistics both = of(recording, first);
    both.merge(of(recording, second));
    return both.toBytes();
  }

  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(observers.size());
      for (String layer : observers.keySet()) {
        write(out, observers.get(layer).toBytes());
        if (recording.features() != null) {
          write(out, moments.get(layer).toJson().getBytes(StandardCharsets.UTF_8));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    return in.readNBytes(in.readInt());
  }

  private static String layer(String tensor) {
    return tensor.substring(0, tensor.length() - INPUT.length());
  }

  void observe(String layer, float[] values) {
    if (recording.features() == null) {
      observer(layer).observe(values);
      return;
    }
    int in = features(layer);
    if (values.length % in != 0) {
      throw new IllegalArgumentException("layer " + layer + ": expected rows of " + in + " features, got "
          + values.length + " numbers");
    }
    observer(layer).observe(values, Shape.of(values.length / in, in));
    moments(layer, in).observe(values);
  }

  void observe(RecordedInputs recorded) {
    for (String layer : recorded.layers()) {
      if (recording.features() == null) {
        observer(layer).merge(recorded.observe(layer, recording.method()));
      } else {
        int in = features(layer);
        observer(layer).merge(recorded.observe(layer, in, recording.method()));
        moments(layer, in).merge(recorded.moments(layer, in, recording.products()));
      }
    }
  }

  private int features(String layer) {
    Integer in = recording.features().get(layer);
    if (in == null) {
      throw new IllegalArgumentException(
          "layer " + layer + ": expected one of the model, " + recording.features().keySet());
    }
    return in;
  }

  private Observer observer(String layer) {
    return observers.computeIfAbsent(layer, name -> Observer.perTensor(name + INPUT, recording.method()));
  }

  private InputMoments moments(String layer, int in) {
    return moments.computeIfAbsent(layer,
        name -> new InputMoments(name + INPUT, in, recording.products()));
  }

  void merge(LayerStatistics other) {
    other.observers.forEach((layer, observer) -> observer(layer).merge(observer));
    other.moments.forEach((layer, moment) -> moments(layer, features(layer)).merge(moment));
  }

  SortedMap<String, Observer> observers() {
    return observers;
  }

  SortedMap<String, InputMoments> moments() {
    return moments;
  }
}
