package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Shape;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.InputMoments;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recorded rows, over many files, are seen as if they had been watched one after the other. */
class RecordedInputsTest {
  @TempDir
  Path folder;

  static void write(Path path, String name, float[] values, Shape shape) {
    try (SafetensorsWriter writer = new SafetensorsWriter(path,
        List.of(new Slot(name, StoredType.F32, shape)), Map.of())) {
      writer.write(name, little(values));
      writer.commit();
    }
  }

  static MemorySegment little(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return MemorySegment.ofArray(bytes.array());
  }

  @Test
  void rowsOfManyFilesAreOneInput() throws IOException {
    Random random = new Random(11);
    float[] first = new float[300 * 6];
    float[] second = new float[2 * 5 * 6];
    for (int i = 0; i < first.length; i++) {
      first[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < second.length; i++) {
      second[i] = (float) random.nextGaussian() * 3;
    }
    write(folder.resolve("1.safetensors"), "fc.input", first, Shape.of(300, 6));
    write(folder.resolve("2.safetensors"), "fc.input", second, Shape.of(2, 5, 6));
    write(folder.resolve("3.safetensors"), "empty.input", new float[0], Shape.of(0, 6));
    write(folder.resolve("4.safetensors"), "fc.output", first, Shape.of(300, 6));
    Files.writeString(folder.resolve("notes.txt"), "no safetensors");
    InputMoments moments = new InputMoments("fc.input", 6, true);
    moments.observe(first);
    moments.observe(second);
    float min = 0;
    float max = 0;
    for (float[] values : List.of(first, second)) {
      for (float value : values) {
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
    }
    try (RecordedInputs recorded = RecordedInputs.open(folder)) {
      assertEquals(List.of("fc"), List.copyOf(recorded.layers()));
      InputMoments got = recorded.moments("fc", 6, true);
      assertEquals(310, got.rows());
      assertArrayEquals(moments.meanProducts(), got.meanProducts());
      assertArrayEquals(moments.mean(), got.mean());
      assertArrayEquals(moments.absmax(), recorded.moments("fc", 6, false).absmax());
      Quantization input = recorded.observe("fc", CalibrationMethod.minMax()).quantization(DataType.U8,
          false);
      assertEquals((max - min) / 255, input.scale(0), 1e-6f);
      assertEquals("tensor fc.input: expected rows of 7 features, the inputs of fc, got [300, 6]",
          assertThrows(IllegalArgumentException.class, () -> recorded.moments("fc", 7, true)).getMessage());
      assertEquals("layer empty: there is no tensor empty.input",
          assertThrows(IllegalArgumentException.class, () -> recorded.moments("empty", 6, true))
              .getMessage());
    }
  }

  @Test
  void rowsThatAreTooWideAndNumbersThatAreNone() {
    Path wide = folder.resolve("wide.safetensors");
    write(wide, "fc.input", new float[(1 << 17) + 1], Shape.of((1 << 17) + 1));
    try (RecordedInputs recorded = RecordedInputs.open(wide)) {
      assertEquals("tensor fc.input: expected rows of at most 131072 features, got [131073]",
          assertThrows(IllegalArgumentException.class,
              () -> recorded.observe("fc", CalibrationMethod.entropy())).getMessage());
    }
    float[] values = new float[130 * 4];
    values[129 * 4 + 1] = Float.NEGATIVE_INFINITY;
    write(wide, "fc.input", values, Shape.of(130, 4));
    try (RecordedInputs recorded = RecordedInputs.open(wide)) {
      assertEquals("fc.input[1, 1]: expected a finite number, got -Infinity",
          assertThrows(IllegalArgumentException.class, () -> recorded.moments("fc", 4, false)).getMessage());
    }
  }
}
