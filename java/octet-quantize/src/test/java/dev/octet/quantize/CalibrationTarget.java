package dev.octet.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.testing.FuzzTarget;
import dev.octet.testing.Fuzzing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Saved calibrations of a model: one that is read is written as it was, and answers for its layers. */
final class CalibrationTarget implements FuzzTarget {
  private final Model model = Networks.threeLayers(new Random(1));

  @Override
  public List<byte[]> seeds(Path folder) throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (CalibrationMethod method : List.of(CalibrationMethod.minMax(), CalibrationMethod.percentile(99.5))) {
      for (Calibration calibration : List.of(Calibration.of(model, method),
          Calibration.withProducts(model, method))) {
        seeds.add(bytes(calibration));
        float[] input = new float[3 * model.layers().getFirst().in()];
        for (int i = 0; i < input.length; i++) {
          input[i] = (i % 7 - 3) / 2f;
        }
        calibration.observe(input);
        seeds.add(bytes(calibration));
      }
    }
    return seeds;
  }

  private static byte[] bytes(Calibration calibration) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    calibration.write(out);
    return out.toByteArray();
  }

  @Override
  public void run(byte[] input, Path folder) throws IOException {
    Calibration[] read = new Calibration[1];
    Fuzzing.bounded(input, () -> read[0] = read(input));
    if (read[0] == null) {
      return;
    }
    byte[] written = bytes(read[0]);
    assertArrayEquals(written, bytes(read(written)), "written as it was read");
    for (Linear layer : model.layers()) {
      InputMoments moments = read[0].moments(layer.name());
      if (moments.rows() > 0) {
        assertEquals(layer.in(), moments.absmax().length);
      }
    }
    read[0].warnings();
  }

  private Calibration read(byte[] json) throws IOException {
    try {
      return Calibration.read(model, new ByteArrayInputStream(json));
    } catch (IllegalArgumentException e) {
      Fuzzing.refusal(e, IllegalArgumentException.class);
      return null;
    }
  }
}
