package dev.octet.quantize.file;

import dev.octet.Shape;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small safetensors files for tests: tensors with seeded bytes, floats between -1 and 1. */
final class TensorFiles {
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final Map<String, byte[]> given = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  TensorFiles with(String name, StoredType type, long... dims) {
    slots.put(name, new Slot(name, type, Shape.of(dims)));
    return this;
  }

  TensorFiles floats(String name, float[] values, long... dims) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    given.put(name, bytes.array());
    return with(name, StoredType.F32, dims);
  }

  TensorFiles doubles(String name, double[] values, long... dims) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(values);
    given.put(name, bytes.array());
    return with(name, StoredType.F64, dims);
  }

  TensorFiles bytes(String name, StoredType type, byte[] bytes, long... dims) {
    given.put(name, bytes);
    return with(name, type, dims);
  }

  /** Bytes of a type that Octet does not know. */
  TensorFiles other(String name, String typeName, int bytes, long... dims) {
    slots.put(name, new Slot(name, StoredType.OTHER, Shape.of(dims), bytes, typeName));
    return this;
  }

  TensorFiles metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  Path write(Path path) {
    Random random = new Random(11);
    List<Slot> all = new ArrayList<>(slots.values());
    try (SafetensorsWriter writer = new SafetensorsWriter(path, all, metadata)) {
      for (Slot slot : all) {
        byte[] bytes = given.get(slot.name());
        if (bytes == null) {
          bytes = new byte[(int) slot.bytes()];
          random.nextBytes(bytes);
          if (slot.type() == StoredType.F32) {
            ByteBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            for (int at = 0; at < bytes.length; at += 4) {
              floats.putFloat(at, 2 * random.nextFloat() - 1);
            }
          } else if (slot.type() == StoredType.F16 || slot.type() == StoredType.BF16) {
            for (int at = 1; at < bytes.length; at += 2) {
              bytes[at] = 0x38; // numbers of about 0.5, or 4e-5
            }
          }
        }
        writer.write(slot.name(), MemorySegment.ofArray(bytes));
      }
      writer.commit();
    }
    return path;
  }
}
