package dev.octet.minilm;

import dev.octet.Shape;
import dev.octet.quantize.file.SafetensorsWriter;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import dev.octet.quantize.file.StoredType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Records the inputs of linear layers on sample sentences: what {@code octet quantize --calibration} reads.
 */
public final class CalibrationRecorder {
  private CalibrationRecorder() {}

  /**
   * Runs sentences and writes a tensor {@code LAYER.input} for each linear layer, a row for each token.
   *
   * @param model the FP32 weights
   * @param sentences token ids
   * @param path the safetensors file
   */
  public static void write(MiniLm model, int[][] sentences, Path path) {
    int tokens = 0;
    for (int[] sentence : sentences) {
      tokens += sentence.length;
    }
    Map<String, ByteBuffer> inputs = new LinkedHashMap<>();
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < MiniLm.LAYERS; i++) {
      for (FloatEncoder.Part part : FloatEncoder.Part.values()) {
        for (String layer : layers(part)) {
          int features = part == FloatEncoder.Part.ACTIVATED ? MiniLm.INTERMEDIATE : MiniLm.FEATURES;
          String name = MiniLm.layer(i) + layer + ".input";
          slots.add(new Slot(name, StoredType.F32, Shape.of(tokens, features)));
          inputs.put(name, ByteBuffer.allocate(4 * tokens * features).order(ByteOrder.LITTLE_ENDIAN));
        }
      }
    }
    new FloatEncoder(model).watch(sentences, (index, part, rows) -> {
      for (String layer : layers(part)) {
        ByteBuffer input = inputs.get(MiniLm.layer(index) + layer + ".input");
        for (float[] row : rows) {
          for (float value : row) {
            input.putFloat(value);
          }
        }
      }
    });
    try (SafetensorsWriter writer = new SafetensorsWriter(path, slots, Map.of())) {
      inputs.forEach((name, data) -> writer.write(name, MemorySegment.ofBuffer(data.flip())));
      writer.commit();
    }
  }

  /** The linear layers that an activation goes into. */
  private static List<String> layers(FloatEncoder.Part part) {
    return switch (part) {
      case HIDDEN -> List.of("attention.self.query", "attention.self.key", "attention.self.value");
      case CONTEXT -> List.of("attention.output.dense");
      case ATTENDED -> List.of("intermediate.dense");
      case ACTIVATED -> List.of("output.dense");
      case QUERY_KEY_VALUE -> List.of();
    };
  }
}
