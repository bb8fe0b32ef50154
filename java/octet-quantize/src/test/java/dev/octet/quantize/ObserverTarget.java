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

/** Texts of observers: one that is read can be written, merged, and gives the ranges of what it saw. */
final class ObserverTarget implements FuzzTarget {
  @Override
  public List<byte[]> seeds(Path folder) {
    List<byte[]> seeds = new ArrayList<>();
    for (CalibrationMethod method : List.of(CalibrationMethod.minMax(), CalibrationMethod.movingAverage(),
        CalibrationMethod.percentile(99.5), CalibrationMethod.entropy(),
        CalibrationMethod.meanSquaredError())) {
      Observer empty = Observer.perTensor("e", method);
      seeds.add(empty.toJson().getBytes(StandardCharsets.UTF_8));
      Observer observer = Observer.perChannel("x", method, 1, 2);
      observer.observe(new float[]{-1, 0.25f, 3, 7, 2, -1e-3f}, Shape.of(3, 2));
      seeds.add(observer.toJson().getBytes(StandardCharsets.UTF_8));
    }
    return seeds;
  }

  @Override
  public void run(byte[] input, Path folder) throws IOException {
    Observer[] read = new Observer[1];
    Fuzzing.bounded(input, () -> read[0] = read(new String(input, StandardCharsets.UTF_8)));
    if (read[0] != null) {
      use(read[0]);
    }
  }

  private static Observer read(String json) {
    try {
      return Observer.fromJson(json);
    } catch (IllegalArgumentException e) {
      Fuzzing.refusal(e, IllegalArgumentException.class);
      return null;
    }
  }

  private static void use(Observer observer) {
    String json = observer.toJson();
    Observer again = Observer.fromJson(json);
    assertEquals(json, again.toJson());
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
