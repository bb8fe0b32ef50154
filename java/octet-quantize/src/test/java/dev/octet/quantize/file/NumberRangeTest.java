package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Quantization.Granularity;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.QuantizationScheme;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Numbers at the ends of binary32: too large for it, or too small for a scale. */
class NumberRangeTest {
  private static final String BEYOND = ": the F64 number 1.0E300 is beyond binary32, expected at most 3.4028235E38";

  @TempDir
  Path folder;

  private static double[] doubles(int count, int at, double value) {
    double[] values = new double[count];
    Arrays.fill(values, 0.5);
    values[at] = value;
    return values;
  }

  private String refusal(Path in) {
    return assertThrows(IllegalArgumentException.class,
        () -> NothingIsLost.quantize(in, folder.resolve("out"), QuantizationScheme.int8Dynamic()))
        .getMessage();
  }

  /** The number of the file is named, not the infinity that it would be. */
  @Test
  void doublesBeyondBinary32() {
    Path in = new TensorFiles().doubles("a.weight", doubles(12, 7, 1e300), 3, 4)
        .write(folder.resolve("in.safetensors"));
    String advice = "; leave the layer as it is, --exclude a";
    assertEquals("tensor a.weight[1, 3]" + BEYOND + advice, refusal(in));
    Path infinite = new TensorFiles().doubles("a.weight", doubles(12, 7, Double.NEGATIVE_INFINITY), 3, 4)
        .write(folder.resolve("infinite.safetensors"));
    assertEquals("tensor a.weight: values[1, 3]: expected a finite number, got -Infinity" + advice,
        refusal(infinite));
    Path inputs = new TensorFiles().doubles("a.input", doubles(8, 5, 1e300), 2, 4)
        .write(folder.resolve("inputs.safetensors"));
    try (RecordedInputs recorded = RecordedInputs.open(inputs)) {
      String said = assertThrows(IllegalArgumentException.class,
          () -> recorded.observe("a", CalibrationMethod.minMax())).getMessage();
      assertEquals("tensor a.input[1, 1]" + BEYOND, said);
    }
  }

  /** A scale beyond binary32 leaves its tensor as it is, and one that is copied is no obstacle. */
  @Test
  void doublesThatAreNotQuantized() {
    Path in = new TensorFiles().with("a.weight", StoredType.I8, 2, 4)
        .doubles("a.weight_scale", doubles(2, 1, 1e300), 2, 1).doubles("norm", doubles(2, 0, 1e300), 2)
        .write(folder.resolve("in.safetensors"));
    Path out = folder.resolve("out");
    NothingIsLost.quantize(in, out, QuantizationScheme.int8Dynamic());
    try (WeightFile before = WeightFile.open(in); WeightFile after = WeightFile.open(out)) {
      assertTrue(before.unreadable().get("a.weight").contains("tensor a.weight_scale[1, 0]" + BEYOND),
          before.unreadable().toString());
      FileComparison.of(before, after, (name, done, total) -> {
      }).tensors().forEach(row -> assertEquals(0, row.noise(), row.name()));
    }
  }

  private QuantizationSummary quantize(Path in, WeightForm form, WeightQuantizer.Method method) {
    try (WeightFile file = WeightFile.open(in)) {
      return WeightQuantizer.quantize(file, folder.resolve("out"), (tensor, axes) -> Optional.of(form),
          method,
          List.of(), Map.of(), (name, done, total) -> {
          });
    }
  }

  /** Rows of numbers that are not 0 and become 0 are told; rows of zeros and of small numbers are not. */
  @Test
  void numbersTooSmallForAScaleAreTold() {
    float[] values = new float[4 * 64];
    Arrays.fill(values, 0, 64, 3 * Float.MIN_VALUE);
    Arrays.fill(values, 64, 128, -Float.MIN_NORMAL);
    values[130] = -Float.MIN_VALUE;
    Path in = new TensorFiles().floats("small", values, 4, 64).with("plain", StoredType.F32, 4, 64)
        .write(folder.resolve("in.safetensors"));
    WeightForm channels = new WeightForm(DataType.S8, true, Granularity.PER_CHANNEL, 0, 0);
    WeightForm groups = new WeightForm(DataType.S4, true, Granularity.PER_GROUP, 1, 32);
    WeightForm unsigned = new WeightForm(DataType.U8, false, Granularity.PER_CHANNEL, 1, 0);
    for (WeightQuantizer.Method method : List.of(WeightQuantizer.Method.NEAREST,
        WeightQuantizer.Method.CLIPPING)) {
      assertEquals(Map.of("small", 2), quantize(in, channels, method).vanished());
      // the scales of 3 * MIN_VALUE / 7 round to 0 too; the third row is one number in one of its groups
      assertEquals(Map.of("small", 3), quantize(in, groups, method).vanished());
      assertEquals(Map.of(), quantize(in, unsigned, method).vanished());
      try (WeightFile out = WeightFile.open(folder.resolve("out"))) {
        assertTrue(out.quantized("small").real(64) != 0);
      }
    }
  }
}
