package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.quantize.Accuracy;
import dev.octet.quantize.ClippingSearch;
import dev.octet.quantize.Gptq;
import dev.octet.quantize.InputMoments;
import dev.octet.quantize.Linear;
import dev.octet.quantize.WeightScheme;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file gets is what the library makes of the layer, in either layout, whatever the slabs. */
class RoundingMethodsTest {
  private static final DataType S4 = DataType.S4;
  private static final List<WeightScheme> SCHEMES = List.of(WeightScheme.perChannel(S4, true),
      WeightScheme.perGroup(S4, 32, true), WeightScheme.perGroup(DataType.U4, 64, false),
      WeightScheme.perTensor(S4, true), WeightScheme.perChannel(DataType.S8, false));

  @TempDir
  Path folder;

  private static float[] gaussian(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Features that are mostly one number, and so depend on each other. */
  private static float[] inputs(int rows, int in) {
    float[] x = gaussian(7, rows * in);
    float[] shared = gaussian(8, rows);
    for (int i = 0; i < x.length; i++) {
      x[i] = 0.3f * x[i] + shared[i / in] * (i % in % 5 - 2);
    }
    return x;
  }

  private static float[] transposed(float[] matrix, int rows, int columns) {
    float[] result = new float[matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      result[i % columns * rows + i / columns] = matrix[i];
    }
    return result;
  }

  private static WeightForm form(WeightScheme scheme, int outputAxis) {
    int axis = switch (scheme.granularity()) {
      case PER_TENSOR -> -1;
      case PER_CHANNEL -> outputAxis;
      case PER_GROUP -> 1 - outputAxis;
    };
    return new WeightForm(scheme.type(), scheme.symmetric(), scheme.granularity(), axis, scheme.groupSize());
  }

  private static float[] real(QTensor tensor) {
    float[] real = new float[(int) tensor.shape().elements()];
    for (int i = 0; i < real.length; i++) {
      real[i] = tensor.real(i);
    }
    return real;
  }

  /** The weight of fc, out of the file that a method has written, as {@code [out][in]}. */
  private float[] written(float[] weights, int out, int in, int outputAxis, WeightScheme scheme,
      RecordedInputs inputs) {
    Path before = folder.resolve("before.safetensors");
    Path after = folder.resolve("after.safetensors");
    try (SafetensorsWriter writer = new SafetensorsWriter(before,
        List.of(new SafetensorsWriter.Slot("fc.weight", StoredType.F32,
            outputAxis == 0 ? Shape.of(out, in) : Shape.of(in, out))),
        outputAxis == 0
            ? Map.of()
            : Map.of(StoredQuantization.KEY, "{\"fc.weight\":{\"output_axis\":1}}"))) {
      writer.write("fc.weight",
          RecordedInputsTest.little(outputAxis == 0 ? weights : transposed(weights, out, in)));
      writer.commit();
    }
    try (WeightFile file = WeightFile.open(before)) {
      assertEquals(outputAxis, file.outputAxis("fc.weight"));
      GptqRounding gptq = inputs == null ? null : new GptqRounding(file, inputs, Gptq.DAMPING);
      WeightQuantizer.quantize(file, after, (tensor, axes) -> Optional.of(form(scheme, axes.output())),
          gptq == null ? WeightQuantizer.Method.CLIPPING : gptq, List.of(), Map.of(), (name, done, total) -> {
          });
      assertTrue(gptq == null || gptq.roundedToNearest().isEmpty());
    }
    try (WeightFile file = WeightFile.open(after)) {
      float[] real = real(file.quantized("fc.weight"));
      return outputAxis == 0 ? real : transposed(real, in, out);
    }
  }

  @Test
  void clippingInEitherLayout() {
    int out = 12;
    int in = 100;
    float[] weights = gaussian(1, out * in);
    Linear layer = Linear.of("fc", weights, Shape.of(out, in), WeightLayout.OUT_IN, null);
    for (WeightScheme scheme : SCHEMES) {
      float[] expected = real(ClippingSearch.quantize(layer, scheme));
      for (int outputAxis = 0; outputAxis < 2; outputAxis++) {
        assertArrayEquals(expected, written(weights, out, in, outputAxis, scheme, null),
            scheme + ", outputs on axis " + outputAxis);
      }
    }
  }

  /** Channels of an inner axis of a convolution, and U8, which no matrix product takes for weights. */
  @Test
  void clippingOfAnyShape() {
    float[] values = gaussian(2, 6 * 5 * 9);
    values[3 * 45 + 9 + 4] = 9;
    Path before = folder.resolve("conv.safetensors");
    Path after = folder.resolve("after.safetensors");
    RecordedInputsTest.write(before, "conv.weight", values, Shape.of(6, 5, 3, 3));
    for (WeightForm form : List.of(
        new WeightForm(DataType.S4, true, Granularity.PER_CHANNEL, 1, 0),
        new WeightForm(DataType.U8, false, Granularity.PER_CHANNEL, 0, 0),
        new WeightForm(DataType.U4, false, Granularity.PER_TENSOR, -1, 0))) {
      try (WeightFile file = WeightFile.open(before)) {
        WeightQuantizer.quantize(file, after, (tensor, axis) -> Optional.of(form),
            WeightQuantizer.Method.CLIPPING, List.of(), Map.of(), (name, done, total) -> {
            });
      }
      float[] full = real(form.quantizer().quantize(values, Shape.of(6, 5, 3, 3)));
      try (WeightFile file = WeightFile.open(after)) {
        double clipped = Accuracy.of(values, real(file.quantized("conv.weight")), 45, 1).sqnr();
        double nearest = Accuracy.of(values, full, 45, 1).sqnr();
        // 8 bits have nothing to gain from 45 numbers
        assertTrue(clipped > nearest || (clipped == nearest && form.type() == DataType.U8),
            form + ": " + clipped + " dB, to nearest " + nearest);
        if (form.axis() == 1) {
          for (int c = 0; c < 5; c++) {
            float[] channel = new float[54];
            for (int i = 0; i < 54; i++) {
              channel[i] = values[i / 9 * 45 + c * 9 + i % 9];
            }
            assertEquals(ClippingSearch.leastError("w", channel, S4, true).scale(0),
                file.quantized("conv.weight").quantization().scale(c));
          }
        }
      }
    }
  }

  /** More outputs than one part has, in the last run. */
  @Test
  void gptqInEitherLayout() {
    int in = 100;
    float[] x = inputs(300, in);
    Path recorded = folder.resolve("inputs.safetensors");
    RecordedInputsTest.write(recorded, "fc.input", x, Shape.of(300, in));
    InputMoments moments = new InputMoments("fc.input", in, true);
    moments.observe(x);
    for (int out : new int[]{12, 10_600}) {
      float[] weights = gaussian(1, out * in);
      Linear layer = Linear.of("fc", weights, Shape.of(out, in), WeightLayout.OUT_IN, null);
      for (WeightScheme scheme : out == 12 ? SCHEMES : SCHEMES.subList(0, 2)) {
        float[] expected = real(Gptq.quantize(layer, scheme, moments, Gptq.DAMPING));
        for (int outputAxis = 0; outputAxis < 2; outputAxis++) {
          try (RecordedInputs inputs = RecordedInputs.open(recorded)) {
            assertArrayEquals(expected, written(weights, out, in, outputAxis, scheme, inputs),
                out + " " + scheme + ", outputs on axis " + outputAxis);
          }
        }
      }
    }
  }

  /** What it is for: 4 bits cost the outputs of a layer less, by 3 dB and more. */
  @Test
  void gptqKeepsOutputs() {
    int out = 24;
    int in = 160;
    float[] weights = gaussian(5, out * in);
    float[] x = inputs(500, in);
    Path recorded = folder.resolve("inputs.safetensors");
    RecordedInputsTest.write(recorded, "fc.input", x, Shape.of(500, in));
    Linear layer = Linear.of("fc", weights, Shape.of(out, in), WeightLayout.OUT_IN, null);
    float[] outputs = layer.run(x);
    for (WeightScheme scheme : SCHEMES.subList(0, 3)) {
      double nearest = sqnr(layer, outputs, x, real(ClippingSearch.fullRange(layer, scheme)));
      try (RecordedInputs inputs = RecordedInputs.open(recorded)) {
        double gptq = sqnr(layer, outputs, x, written(weights, out, in, 0, scheme, inputs));
        assertTrue(gptq > nearest + 3, scheme + ": " + gptq + " dB, to nearest " + nearest);
      }
    }
  }

  private static double sqnr(Linear layer, float[] outputs, float[] x, float[] weights) {
    return Accuracy.of(outputs, layer.with(weights, null).run(x), layer.out(), 1).sqnr();
  }

  @Test
  void whatGptqRefuses() {
    Path recorded = folder.resolve("inputs.safetensors");
    RecordedInputsTest.write(recorded, "fc.input", inputs(10, 8), Shape.of(10, 8));
    Path before = folder.resolve("before.safetensors");
    RecordedInputsTest.write(before, "fc.weight", gaussian(1, 64), Shape.of(8, 8));
    try (WeightFile file = WeightFile.open(before); RecordedInputs inputs = RecordedInputs.open(recorded)) {
      WeightForm inner = new WeightForm(DataType.S8, true, Granularity.PER_CHANNEL, 1, 0);
      IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
          () -> WeightQuantizer.quantize(file, folder.resolve("after.safetensors"),
              (tensor, axis) -> Optional.of(inner), new GptqRounding(file, inputs, Gptq.DAMPING), List.of(),
              Map.of(), (name, done, total) -> {
              }));
      assertEquals("tensor fc.weight: GPTQ: expected PER_CHANNEL on axis 0 of a weight whose outputs are axis"
          + " 0, got axis 1", e.getMessage());
    }
    assertEquals("fc.input: expected at most 46340 features for products of all pairs, got 50000",
        assertThrows(IllegalArgumentException.class, () -> new InputMoments("fc.input", 50_000, true))
            .getMessage());
  }
}
