package dev.octet.cli;

import dev.octet.Shape;
import dev.octet.quantize.file.SafetensorsWriter;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import dev.octet.quantize.file.StoredType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Files of F32 tensors for tests of the command. */
final class Models {
  private Models() {}

  /** Three layers of Gaussian weights, [64][64]: a, b and head. */
  static Path gaussian(Path folder) {
    Random random = new Random(1);
    Map<String, float[]> tensors = new LinkedHashMap<>();
    for (String name : List.of("a.weight", "b.weight", "head.weight")) {
      float[] values = new float[64 * 64];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      tensors.put(name, values);
    }
    return write(folder.resolve("model.safetensors"), tensors, Shape.of(64, 64));
  }

  /** Tensors of one shape. */
  static Path write(Path path, Map<String, float[]> tensors, Shape shape) {
    try (SafetensorsWriter writer = new SafetensorsWriter(path,
        tensors.keySet().stream().map(name -> new Slot(name, StoredType.F32, shape)).toList(), Map.of())) {
      tensors.forEach((name, values) -> {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        writer.write(name, MemorySegment.ofBuffer(bytes));
      });
      writer.commit();
    }
    return path;
  }
}
