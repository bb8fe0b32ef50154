package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.op.MatMul;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A layer as ModelSlim writes it, computed as its runtime does and on Octet. */
class ModelSlimFileTest {
  private static final int OUT = 24;
  private static final int IN = 64;
  private static final float INPUT_SCALE = 0.03125f;
  private static final int INPUT_OFFSET = -17;

  @TempDir
  Path folder;
  private final byte[] weights = new byte[OUT * IN];
  private final float[] weightScales = new float[OUT];
  private final int[] quantBias = new int[OUT];
  private final float[] deqScales = new float[OUT];
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final Map<String, byte[]> data = new LinkedHashMap<>();

  @BeforeEach
  void layer() {
    Random random = new Random(3);
    random.nextBytes(weights);
    for (int n = 0; n < OUT; n++) {
      weightScales[n] = 0.001f + random.nextFloat() / 100;
      deqScales[n] = INPUT_SCALE * weightScales[n];
      float bias = random.nextFloat() * 4 - 2;
      int sum = 0;
      for (int k = 0; k < IN; k++) {
        sum += weights[n * IN + k];
      }
      quantBias[n] = Math.round(bias / deqScales[n] - (float) (sum * INPUT_OFFSET));
    }
    put("a.weight", StoredType.I8, ByteBuffer.wrap(weights), OUT, IN);
    put("a.weight_scale", StoredType.F32, floats(weightScales), OUT, 1);
    put("a.weight_offset", StoredType.F32, floats(new float[OUT]), OUT, 1);
    put("a.input_scale", StoredType.BF16,
        little(2).putShort(0, (short) (Float.floatToIntBits(INPUT_SCALE) >>> 16)), 1);
    put("a.input_offset", StoredType.BF16,
        little(2).putShort(0, (short) (Float.floatToIntBits(INPUT_OFFSET) >>> 16)), 1);
    ByteBuffer bias = little(4 * OUT);
    ByteBuffer bits = little(8 * OUT);
    for (int n = 0; n < OUT; n++) {
      bias.putInt(4 * n, quantBias[n]);
      bits.putLong(8 * n, Float.floatToIntBits(deqScales[n]));
    }
    put("a.quant_bias", StoredType.I32, bias, OUT);
    put("a.deq_scale", StoredType.I64, bits, OUT);
    put("norm.weight", StoredType.F32, floats(new float[3]), 3);
  }

  private void put(String name, StoredType type, ByteBuffer bytes, long... dims) {
    slots.put(name, new Slot(name, type, Shape.of(dims)));
    byte[] copy = new byte[bytes.rewind().remaining()];
    bytes.get(copy);
    data.put(name, copy);
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer floats(float[] values) {
    ByteBuffer bytes = little(4 * values.length);
    bytes.asFloatBuffer().put(values);
    return bytes;
  }

  private void write(String form) throws IOException {
    List<String> lines = new ArrayList<>(List.of("\"model_quant_type\": \"" + form + "\"",
        "\"metadata\": {\"x\": {}}", "\"version\": 1"));
    slots.keySet().forEach(name -> lines
        .add("\"" + name + "\": \"" + (name.startsWith("a.") ? form : "FLOAT") + "\""));
    Files.writeString(folder.resolve("quant_model_description.json"), "{" + String.join(",\n", lines) + "}");
    try (SafetensorsWriter writer = new SafetensorsWriter(
        folder.resolve("quant_model_weight_w8a8.safetensors"), List.copyOf(slots.values()), Map.of())) {
      data.forEach((name, bytes) -> writer.write(name, MemorySegment.ofArray(bytes)));
      writer.commit();
    }
  }

  /** One odd tensor blocks no file. */
  @Test
  void scalesThatDoNotFitLeaveTheWeightAsItIs() throws IOException {
    float[] scales = new float[OUT];
    scales[1] = -1;
    put("a.weight_scale", StoredType.F32, floats(scales), OUT, 1);
    write("W8A8_DYNAMIC");
    QuantizationSummary summary = NothingIsLost.quantize(folder, folder.resolve("out.safetensors"),
        dev.octet.quantize.QuantizationScheme.int8Dynamic());
    assertEquals(List.of(), summary.names(QuantizationSummary.Outcome.KEPT));
    try (WeightFile file = WeightFile.open(folder)) {
      assertEquals(List.of(), file.quantizedNames());
      assertTrue(file.unreadable().get("a.weight").contains("scales[1]"), file.unreadable().toString());
    }
  }

  /** What is described by more than a word, by null or not at all is in a form that is not known. */
  @Test
  void descriptionsThatAreNoWordsLeaveTheLayerAsItIs() throws IOException {
    for (String value : List.of("{\"type\": \"W8A8\", \"group\": 32}", "null", "[1]", "8", "\"\"", "-")) {
      write("W8A8_DYNAMIC");
      Path description = folder.resolve("quant_model_description.json");
      String text = Files.readString(description);
      String own = "\"a.weight\": \"W8A8_DYNAMIC\"";
      assertTrue(text.contains(own), text);
      Files.writeString(description, value.equals("-")
          ? text.replaceAll("\"a\\.[a-z_]*\": \"W8A8_DYNAMIC\",\\n", "")
          : text.replace(own, "\"a.weight\": " + value).replaceAll("(a\\.[a-z]+_[a-z]+\": )\"W8A8_DYNAMIC\"",
              "$1\"FLOAT\""));
      QuantizationSummary summary = NothingIsLost.quantize(folder, folder.resolve("out.safetensors"),
          dev.octet.quantize.QuantizationScheme.int8Dynamic());
      assertEquals(List.of(), summary.names(QuantizationSummary.Outcome.QUANTIZED), value);
      assertEquals(7L, summary.counts(QuantizationSummary.Outcome.COPIED)
          .get("of ModelSlim in an unknown form weights"), value);
      Files.delete(folder.resolve("out.safetensors"));
    }
  }

  @Test
  void octetComputesWhatTheRuntimeComputes() throws IOException {
    write("W8A8");
    try (ModelSlimFile file = ModelSlimFile.open(folder); Octet octet = Octet.open()) {
      ModelSlimFile.Layer layer = file.layer("a");
      assertEquals(INPUT_OFFSET, layer.input().zeroPoint(0));
      MatMul product = octet.matMul().input(DataType.S8, layer.input())
          .weights(layer.weights(), WeightLayout.OUT_IN).bias(layer.bias()).outputF32().prepare();
      byte[] x = new byte[5 * IN];
      new Random(4).nextBytes(x);
      float[] y = new float[5 * OUT];
      product.run(MemorySegment.ofArray(x), MemorySegment.ofArray(y), 5);
      for (int r = 0; r < 5; r++) {
        for (int n = 0; n < OUT; n++) {
          int sum = quantBias[n];
          for (int k = 0; k < IN; k++) {
            sum += x[r * IN + k] * weights[n * IN + k];
          }
          // One rounding apart: the scale of the weights is deq_scale / input_scale.
          assertEquals(sum * deqScales[n], y[r * OUT + n], Math.abs(sum * deqScales[n]) * 3e-7f,
              "row " + r + ", " + n);
        }
      }
    }
  }

  @Test
  void weightsAloneAndFloatDeqScales() throws IOException {
    put("a.deq_scale", StoredType.F32, floats(deqScales), OUT);
    write("W8A8");
    try (WeightFile file = WeightFile.open(folder.resolve("quant_model_description.json"))) {
      assertEquals("ModelSlim", file.format());
      assertEquals(List.of("a.weight"), file.quantizedNames());
      QTensor weight = file.quantized("a.weight");
      assertEquals(0, weight.quantization().axis());
      assertEquals(weights[70] * weightScales[1], weight.real(70));
      assertTrue(file.isParameter("a.weight_scale"));
      assertEquals(deqScales[5] / INPUT_SCALE,
          ((ModelSlimFile) file).layer("a").weights().quantization().scale(5));
      assertEquals("FLOAT", file.metadata().get("norm.weight"));
    }
  }

  /** Older versions write no weight_scale. */
  @Test
  void weightScaleFromDeqScale() throws IOException {
    slots.remove("a.weight_scale");
    data.remove("a.weight_scale");
    write("W8A8");
    try (WeightFile file = WeightFile.open(folder)) {
      assertEquals(weightScales[3], file.quantized("a.weight").quantization().scale(3), 1e-9f);
      assertEquals(weights[0], file.quantized("a.weight").data().get(ValueLayout.JAVA_BYTE, 0));
    }
  }

  @Test
  void dynamicLayersHaveNoInputScale() throws IOException {
    write("W8A8_DYNAMIC");
    try (ModelSlimFile file = ModelSlimFile.open(folder)) {
      assertEquals(List.of("a.weight"), file.quantizedNames());
      IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> file.layer("a"));
      assertTrue(e.getMessage().contains("W8A8_DYNAMIC"), e.getMessage());
    }
  }

  @Test
  void whatDoesNotFitIsNamed() throws IOException {
    MalformedFileException none = assertThrows(MalformedFileException.class, () -> WeightFile.open(folder));
    assertTrue(none.getMessage().contains("quant_model_description"), none.getMessage());
    put("a.quant_bias", StoredType.I32, little(4), 1);
    put("a.weight_offset", StoredType.F32, floats(new float[OUT - 1]), OUT - 1, 1);
    write("W8A8");
    try (ModelSlimFile file = ModelSlimFile.open(folder)) {
      MalformedFileException e = assertThrows(MalformedFileException.class, () -> file.layer("a"));
      assertTrue(e.getMessage().contains("a.quant_bias: expected 24"), e.getMessage());
      e = assertThrows(MalformedFileException.class, () -> file.quantized("a.weight"));
      assertTrue(e.getMessage().contains("zero points: expected as many"), e.getMessage());
    }
    put("a.weight_offset", StoredType.F32, floats(new float[]{0.5f}), 1);
    write("W8A8");
    try (ModelSlimFile file = ModelSlimFile.open(folder)) {
      MalformedFileException e = assertThrows(MalformedFileException.class, () -> file.quantized("a.weight"));
      assertTrue(e.getMessage().contains("whole number"), e.getMessage());
    }
    Files.writeString(folder.resolve("quant_model_description.json"), "[");
    assertThrows(MalformedFileException.class, () -> WeightFile.open(folder));
  }
}
