package dev.octet.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.DataType;
import dev.octet.Shape;
import dev.octet.testing.FuzzTarget;
import dev.octet.testing.Fuzzing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Texts of observers: one that is read can be written, merged, and gives the ranges of what it saw. */
final class ObserverTarget implements FuzzTarget {
  @Override
  public List<byte[]> seeds(Path folder) {
    return observers().stream().map(observer -> observer.toJson().getBytes(StandardCharsets.UTF_8)).toList();
  }

  /** One of each method that has seen nothing, and one that has. */
  static List<Observer> observers() {
    List<Observer> observers = new ArrayList<>();
    for (CalibrationMethod method : List.of(CalibrationMethod.minMax(), CalibrationMethod.movingAverage(),
        CalibrationMethod.percentile(99.5), CalibrationMethod.entropy(),
        CalibrationMethod.meanSquaredError())) {
      observers.add(Observer.perTensor("e", method));
      Observer observer = Observer.perChannel("x", method, 1, 2);
      observer.observe(new float[]{-1, 0.25f, 3, 7, 2, -1e-3f}, Shape.of(3, 2));
      observers.add(observer);
    }
    return observers;
  }

  @Override
  public void run(byte[] input, Path folder) throws IOException {
    run(input, () -> Observer.fromJson(new String(input, StandardCharsets.UTF_8)));
  }

  /** Reads an observer and uses it, or sees it refused. */
  static void run(byte[] input, Supplier<Observer> reader) throws IOException {
    Observer[] read = new Observer[1];
    Fuzzing.bounded(input, () -> {
      try {
        read[0] = reader.get();
      } catch (IllegalArgumentException e) {
        Fuzzing.refusal(e, IllegalArgumentException.class);
      }
    });
    if (read[0] != null) {
      use(read[0]);
    }
  }

  private static void use(Observer observer) {
    String json = observer.toJson();
    Observer again = Observer.fromJson(json);
    assertEquals(json, again.toJson());
    assertEquals(json, Observer.fromBytes(observer.toBytes()).toJson());
    observer.warnings();
    ranges(observer, DataType.U8, false);
    ranges(observer, DataType.S4, true);
    try {
      observer.merge(again);
      observer.toJson();
    } catch (IllegalArgumentException e) {
      Fuzzing.refusal(e, IllegalArgumentException.class);
    }
  }

  private static void ranges(Observer observer, DataType type, boolean symmetric) {
    try {
      if (observer.method() instanceof CalibrationMethod.Entropy) {
        observer.range(0, type, symmetric); // a search of some 10 ms for each channel
      } else {
        observer.quantization(type, symmetric);
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      Fuzzing.refusal(e, IllegalArgumentException.class, IllegalStateException.class);
    }
  }
}
