package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.BlockFormat;
import dev.octet.Shape;
import dev.octet.quantize.BlockQuantizer;
import dev.octet.quantize.file.GgufWriter.Slot;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class GgufWriterTest {
  @TempDir
  Path folder;

  private static Map<String, GgufValue> everyType() {
    Map<String, GgufValue> values = new LinkedHashMap<>();
    values.put("general.architecture", GgufValue.of("llama"));
    values.put("llama.block_count", GgufValue.u32(22));
    values.put("large", new GgufValue(GgufValue.Type.U64, BigInteger.ONE.shiftLeft(63)));
    values.put("flag", new GgufValue(GgufValue.Type.BOOL, true));
    values.put("f32", new GgufValue(GgufValue.Type.F32, -1.5f));
    values.put("f64", new GgufValue(GgufValue.Type.F64, 0.1));
    values.put("tokens", new GgufValue(GgufValue.Type.STRING, List.of("<s>", "", "\u00e9")));
    values.put("scores", new GgufValue(GgufValue.Type.F32, List.of(1f, -2f)));
    values.put("none", new GgufValue(GgufValue.Type.I32, List.of()));
    for (GgufValue.Type type : GgufValue.Type.values()) {
      switch (type) {
        case U8, U16, U32, U64 -> values.put(type.name(), new GgufValue(type, List.of(0L, 200L)));
        case I8, I16, I32, I64 -> values.put(type.name(), new GgufValue(type, -100L));
        default -> {
          // above
        }
      }
    }
    return values;
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Random random = new Random(3);
    List<Slot> slots = new ArrayList<>();
    Map<String, byte[]> bytes = new LinkedHashMap<>();
    for (GgufType type : GgufType.values()) {
      if (type != GgufType.OTHER) {
        byte[] data = new byte[3 * type.bytes()];
        random.nextBytes(data);
        slots.add(new Slot(type.name(), type, Shape.of(3, 1, type.elements())));
        bytes.put(type.name(), data);
      }
    }
    slots.add(new Slot("scalar", GgufType.F32, Shape.of()));
    bytes.put("scalar", new byte[4]);
    Path path = folder.resolve("all.gguf");
    Map<String, GgufValue> values = everyType();
    try (GgufWriter writer = new GgufWriter(path, slots, values)) {
      bytes.forEach((name, data) -> writer.write(name, MemorySegment.ofArray(data)));
      writer.commit();
    }
    assertEquals(0, Files.size(path) % 32);
    try (GgufFile file = GgufFile.open(path)) {
      assertEquals(3, file.version());
      assertEquals(values, file.values());
      assertEquals(List.copyOf(values.keySet()), List.copyOf(file.metadata().keySet()));
      assertEquals(slots.stream().map(Slot::name).toList(), file.names());
      for (Slot slot : slots) {
        GgufTensor tensor = file.tensor(slot.name());
        assertEquals(slot.shape(), tensor.shape());
        assertEquals(slot.type(), tensor.type());
        assertArrayEquals(bytes.get(slot.name()), tensor.data().toArray(ValueLayout.JAVA_BYTE));
      }
      // and once more, as they were read
      Path copy = folder.resolve("copy.gguf");
      try (GgufWriter writer = new GgufWriter(copy, slots, file.values())) {
        file.tensors().forEach(tensor -> writer.write(tensor.name(), tensor.data()));
        writer.commit();
      }
      assertArrayEquals(Files.readAllBytes(path), Files.readAllBytes(copy));
    }
  }

  @Test
  void floatsAreWrittenInTheTypeOfTheTensor() {
    float[] x = new float[512];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i - 200) / 3f;
    }
    List<Slot> slots = List.of(new Slot("f32", GgufType.F32, Shape.of(2, 256)),
        new Slot("f16", GgufType.F16, Shape.of(2, 256)), new Slot("bf16", GgufType.BF16, Shape.of(2, 256)),
        new Slot("q4k", GgufType.Q4_K, Shape.of(2, 256)), new Slot("q80", GgufType.Q8_0, Shape.of(512)));
    Path path = folder.resolve("floats.gguf");
    try (GgufWriter writer = new GgufWriter(path, slots,
        Map.of("general.alignment", GgufValue.u32(128)))) {
      for (Slot slot : slots) {
        writer.floats(slot.name(), 256, Arrays.copyOfRange(x, 256, 512));
        writer.floats(slot.name(), 0, Arrays.copyOf(x, 256));
      }
      writer.commit();
    }
    try (GgufFile file = GgufFile.open(path)) {
      assertArrayEquals(x, file.tensor("f32").floats());
      float[] half = file.tensor("f16").floats();
      float[] upper = file.tensor("bf16").floats();
      for (int i = 0; i < x.length; i++) {
        assertEquals(Float.float16ToFloat(Float.floatToFloat16(x[i])), half[i]);
        assertTrue(Math.abs(upper[i] - x[i]) <= Math.ulp(x[i]) * 0x8000, () -> "bf16");
      }
      assertArrayEquals(BlockQuantizer.quantize(BlockFormat.Q4_K, x, 0, 512),
          file.tensor("q4k").data().toArray(ValueLayout.JAVA_BYTE));
      assertArrayEquals(BlockQuantizer.quantize(BlockFormat.Q8_0, x, 0, 512),
          file.tensor("q80").data().toArray(ValueLayout.JAVA_BYTE));
    }
  }

  /** Ties go to the even neighbour, NaN stays one. */
  @Test
  void bfloat16() {
    float[] x = {Float.intBitsToFloat(0x3f808000), Float.intBitsToFloat(0x3f818000),
        Float.intBitsToFloat(0x3f808001), Float.intBitsToFloat(0x7f800001), Float.NEGATIVE_INFINITY, -0f};
    Path path = folder.resolve("bf16.gguf");
    try (GgufWriter writer = new GgufWriter(path, List.of(new Slot("w", GgufType.BF16, Shape.of(6))),
        Map.of())) {
      writer.floats("w", 0, x);
      writer.commit();
    }
    try (GgufFile file = GgufFile.open(path)) {
      assertArrayEquals(new float[]{1, 0x1.04p0f, 0x1.02p0f, Float.NaN, Float.NEGATIVE_INFINITY, -0f},
          file.tensor("w").floats());
    }
  }

  @Test
  void dataInArraysOfAnyElements() {
    Path path = folder.resolve("heap.gguf");
    float[] x = {1.5f, -2};
    try (GgufWriter writer = new GgufWriter(path, List.of(new Slot("w", GgufType.F32, Shape.of(2))),
        Map.of())) {
      writer.write("w", MemorySegment.ofArray(x));
      writer.commit();
    }
    try (GgufFile file = GgufFile.open(path)) {
      assertArrayEquals(x, file.tensor("w").floats());
    }
  }

  @Test
  void whatIsRefused() {
    Path path = folder.resolve("refused.gguf");
    Slot slot = new Slot("w", GgufType.F16, Shape.of(2, 4));
    refused("tensor w: is there twice", () -> new GgufWriter(path, List.of(slot, slot), Map.of()));
    refused("metadata: expected keys that are not empty",
        () -> new GgufWriter(path, List.of(), Map.of("", GgufValue.u32(1))));
    refused("metadata general.alignment: expected a U32 that is a power of two, got U32 5",
        () -> new GgufWriter(path, List.of(), Map.of("general.alignment", GgufValue.u32(5))));
    refused("tensor w: Q4_0 [31]: expected rows of whole blocks of 32, got 31",
        () -> new Slot("w", GgufType.Q4_0, Shape.of(31)));
    refused("tensor w: expected a known type and at most 4 dimensions, got F32 [1, 1, 1, 1, 1]",
        () -> new Slot("w", GgufType.F32, Shape.of(1, 1, 1, 1, 1)));
    refused("expected a name of at most 63 bytes, got 64",
        () -> new Slot("x".repeat(64), GgufType.F32, Shape.of(1)));
    List<Slot> slots = List.of(slot, new Slot("q", GgufType.Q4_0, Shape.of(64)),
        new Slot("i", GgufType.I8, Shape.of(4)), new Slot("q5", GgufType.Q5_0, Shape.of(32)));
    try (GgufWriter writer = new GgufWriter(path, slots, Map.of())) {
      refused("tensor x: was not announced", () -> writer.write("x", MemorySegment.ofArray(new byte[1])));
      refused("tensor w: expected 16 bytes, got 1",
          () -> writer.write("w", MemorySegment.ofArray(new byte[1])));
      refused("tensor w: 1.0E9 is beyond F16", () -> writer.floats("w", 0, new float[]{1e9f}));
      refused("tensor w: expected elements of [2, 4] from a multiple of 1 on, got 2 from 7",
          () -> writer.floats("w", 7, new float[2]));
      refused("tensor q: expected elements of [64] from a multiple of 32 on, got 32 from 16",
          () -> writer.floats("q", 16, new float[32]));
      refused("tensor q: count: expected whole blocks of 32 for Q4_0, got 3",
          () -> writer.floats("q", 0, new float[3]));
      assertThrows(UnsupportedOperationException.class, () -> writer.floats("i", 0, new float[4]));
      assertThrows(UnsupportedOperationException.class, () -> writer.floats("q5", 0, new float[32]));
      assertEquals("tensor w: 0 of its 16 bytes were written",
          assertThrows(IllegalStateException.class, writer::commit).getMessage());
    }
    assertFalse(Files.exists(path));
  }

  /** Each byte once, in any order: a row that comes twice cannot stand for one that never came. */
  @Test
  void noByteIsWrittenTwice() {
    Path path = folder.resolve("once.gguf");
    List<Slot> slots = List.of(new Slot("w", GgufType.F32, Shape.of(8)));
    try (GgufWriter writer = new GgufWriter(path, slots, Map.of())) {
      writer.floats("w", 2, new float[2]);
      writer.floats("w", 6, new float[]{7, 8});
      writer.floats("w", 4, new float[]{5, 6});
      writer.write("w", 12, MemorySegment.ofArray(new byte[0]));
      refused("tensor w: bytes 8 to 11 were written already", () -> writer.floats("w", 0, new float[3]));
      refused("tensor w: bytes 28 to 31 were written already", () -> writer.floats("w", 7, new float[1]));
      refused("tensor w: bytes 8 to 31 were written already", () -> writer.floats("w", 0, new float[8]));
      refused("tensor w: bytes 12 to 19 were written already", () -> writer.floats("w", 3, new float[2]));
      assertEquals("tensor w: 24 of its 32 bytes were written",
          assertThrows(IllegalStateException.class, writer::commit).getMessage());
      writer.floats("w", 0, new float[]{1, 2});
      writer.commit();
    }
    try (GgufFile file = GgufFile.open(path)) {
      assertArrayEquals(new float[]{1, 2, 0, 0, 5, 6, 7, 8}, file.tensor("w").floats());
    }
  }

  private static void refused(String message, Executable call) {
    String said = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(said.contains(message), said);
  }
}
