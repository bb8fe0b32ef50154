package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Shape;
import dev.octet.quantize.file.SafetensorsWriter.Slot;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The format by its specification: 8 bytes of length, JSON, data without holes. */
class SafetensorsFileTest {
  @TempDir
  Path folder;

  @Test
  void everyTypeComesBackByteForByte() {
    Random random = new Random(11);
    List<Slot> slots = new ArrayList<>();
    Map<String, byte[]> bytes = new java.util.HashMap<>();
    for (StoredType type : StoredType.values()) {
      if (type == StoredType.U4 || type == StoredType.I4 || type == StoredType.OTHER) {
        assertThrows(IllegalArgumentException.class, () -> new Slot("x", type, Shape.of(2)));
        continue;
      }
      for (Shape shape : List.of(Shape.of(4, 6), Shape.of(0, 3), Shape.of(8))) {
        String name = type + "." + shape;
        slots.add(new Slot(name, type, shape));
        bytes.put(name, new byte[(int) (shape.elements() * type.bits() / 8)]);
        random.nextBytes(bytes.get(name));
      }
    }
    slots.add(new Slot("a scalar \"\u00e9\\", StoredType.F64, Shape.of()));
    bytes.put("a scalar \"\u00e9\\", new byte[]{1, 2, 3, 4, 5, 6, 7, 8});
    Path path = folder.resolve("all.safetensors");
    try (SafetensorsWriter writer = new SafetensorsWriter(path, slots, Map.of("format", "pt"))) {
      bytes.forEach((name, data) -> writer.write(name, MemorySegment.ofArray(data)));
      writer.commit();
    }
    try (WeightFile file = WeightFile.open(path)) {
      assertEquals("safetensors", file.format());
      assertEquals(Map.of("format", "pt"), file.metadata());
      assertEquals(slots.size(), file.tensors().size());
      for (Slot slot : slots) {
        StoredTensor tensor = file.tensor(slot.name());
        assertEquals(slot.type(), tensor.type());
        assertEquals(slot.shape(), tensor.shape());
        assertArrayEquals(bytes.get(slot.name()), tensor.data().toArray(ValueLayout.JAVA_BYTE), slot.name());
        assertTrue(tensor.data().isReadOnly());
        assertEquals(0, tensor.data().address() % Math.max(1, slot.type().bits() / 8),
            "alignment of " + tensor);
      }
      assertThrows(IllegalArgumentException.class, () -> file.tensor("other"));
    }
  }

  /** The bytes that Python's package reads, by hand. */
  @Test
  void headerIsThatOfTheSpecification() throws IOException {
    Path path = folder.resolve("one.safetensors");
    try (SafetensorsWriter writer = new SafetensorsWriter(path,
        List.of(new Slot("small", StoredType.U8, Shape.of(3)), new Slot("w", StoredType.F32, Shape.of(1, 2))),
        Map.of())) {
      writer.write("small", MemorySegment.ofArray(new byte[]{7, 8, 9}));
      writer.write("w", MemorySegment.ofArray(new byte[]{0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40}));
      writer.commit();
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) bytes.getLong(0);
    String header = new String(bytes.array(), 8, length, StandardCharsets.UTF_8);
    assertEquals("{\"w\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
        + "\"small\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[8,11]}}", header.stripTrailing());
    assertEquals(0, (8 + length) % 64);
    assertEquals(8 + length + 11, bytes.capacity());
    assertEquals(2f, bytes.getFloat(8 + length + 4));
    assertEquals(9, bytes.get(8 + length + 10));
  }

  @Test
  void numbersOfEveryReadableType() {
    ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(1.5f, number(StoredType.F16, data.putShort(0, Float.floatToFloat16(1.5f))));
    assertEquals(-2.5f, number(StoredType.BF16, data.putShort(0, (short) 0xc020)));
    assertEquals(3.25f, number(StoredType.F32, data.putFloat(0, 3.25f)));
    assertEquals(-0.125f, number(StoredType.F64, data.putDouble(0, -0.125)));
    assertEquals(-128f, number(StoredType.I8, data.put(0, (byte) -128)));
    assertEquals(128f, number(StoredType.U8, data.put(0, (byte) -128)));
    assertEquals(-3f, number(StoredType.I16, data.putShort(0, (short) -3)));
    assertEquals(65533f, number(StoredType.U16, data.putShort(0, (short) -3)));
    assertEquals(-3f, number(StoredType.I32, data.putInt(0, -3)));
    assertEquals((float) 0xffffff00L, number(StoredType.U32, data.putInt(0, -256)));
    assertEquals(-3f, number(StoredType.I64, data.putLong(0, -3)));
    assertEquals(-4f, number(StoredType.I4, data.put(0, (byte) 0x7c)));
    assertEquals(12f, number(StoredType.U4, data.put(0, (byte) 0x7c)));
    assertThrows(UnsupportedOperationException.class, () -> number(StoredType.F8_E4M3, data));
  }

  private static float number(StoredType type, ByteBuffer data) {
    Shape shape = Shape.of(64 / 8 * 8 / type.bits());
    return new StoredTensor("x", type, shape,
        MemorySegment.ofBuffer(data.rewind()).asSlice(0, shape.elements() * type.bits() / 8)).floats()[0];
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "[]                                                                            | starts with {",
      "{\"a\":1}                                                                     | START_OBJECT",
      "{\"a\":{}}                                                                    | expected dtype, shape",
      "{\"a\":{\"dtype\":\"F7\",\"shape\":[],\"data_offsets\":[4,0]}}                | expected data_offsets that ascend, got [4, 0]",
      "{\"a\":{\"dtype\":\"I4\",\"shape\":[8],\"data_offsets\":[0,3]}}               | take 3 bytes",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}              | takes 8 bytes",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}              | takes 4 bytes",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}              | begins at byte 4",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}               | take 3 bytes",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}             | >= 0, got -1",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}            | VALUE_NUMBER_INT",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}} | tensor a",
      "{\"a\":{\"dtype\":\"F64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,4]}} | tensor a",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}} | no JSON",
      "{\"a\":{\"dtype\":\"F6_E2M3\",\"shape\":[5],\"data_offsets\":[0,4]}}          | F6_E2M3",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4],\"x\":1}}       | got x",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}} | twice",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}} | begins at byte 2",
      "{\"__metadata__\":{\"a\":1}}                                                  | VALUE_STRING",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}} x             | no JSON",
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}                | no JSON",
      "{\"a\":[[[[[[]]]]]]}                                                          | START_OBJECT"})
  void badHeadersAreNamed(String header, String message) {
    MalformedFileException e = assertThrows(MalformedFileException.class, () -> open(header, 4));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private static SafetensorsFile open(String header, int dataBytes) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(text.length).put(text);
    return SafetensorsFile.of(MemorySegment.ofArray(file.array()));
  }

  @Test
  void badLengthsAreNamed() {
    for (long length : new long[]{-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001, 57, 0}) {
      ByteBuffer file = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      MalformedFileException e = assertThrows(MalformedFileException.class,
          () -> SafetensorsFile.of(MemorySegment.ofArray(file.array())));
      assertTrue(e.getMessage().contains("header"), e.getMessage());
    }
    for (int size = 0; size < 8; size++) {
      MemorySegment file = MemorySegment.ofArray(new byte[size]);
      assertThrows(MalformedFileException.class, () -> SafetensorsFile.of(file));
    }
  }

  @Test
  void badUtf8IsNamed() {
    byte[] text = "{\"a?\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}"
        .getBytes(StandardCharsets.US_ASCII);
    text[3] = (byte) 0xff;
    ByteBuffer file = ByteBuffer.allocate(12 + text.length).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(text.length).put(text);
    assertThrows(MalformedFileException.class, () -> SafetensorsFile.of(MemorySegment.ofArray(file.array())));
  }

  @Test
  void aFileThatIsNotCommittedLeavesNothing() throws IOException {
    Path path = folder.resolve("kept.safetensors");
    Files.writeString(path, "before");
    List<Slot> slots = List.of(new Slot("a", StoredType.U8, Shape.of(3)));
    try (SafetensorsWriter writer = new SafetensorsWriter(path, slots, Map.of())) {
      assertTrue(files() > 1, "written aside");
      writer.write("a", 0, MemorySegment.ofArray(new byte[2]));
      IllegalStateException e = assertThrows(IllegalStateException.class, writer::commit);
      assertTrue(e.getMessage().contains("2 of its 3"), e.getMessage());
      assertThrows(IllegalArgumentException.class,
          () -> writer.write("a", 2, MemorySegment.ofArray(new byte[2])));
      assertThrows(IllegalArgumentException.class,
          () -> writer.write("b", MemorySegment.ofArray(new byte[2])));
    }
    assertEquals("before", Files.readString(path));
    assertEquals(1, files());
    try (SafetensorsWriter writer = new SafetensorsWriter(path, slots, Map.of())) {
      writer.write("a", MemorySegment.ofArray(new byte[3]));
      writer.commit();
    }
    assertEquals(1, files());
    try (WeightFile file = WeightFile.open(path)) {
      assertEquals(1, file.tensors().size());
    }
    assertThrows(IllegalArgumentException.class, () -> new SafetensorsWriter(path,
        List.of(slots.getFirst(), slots.getFirst()), Map.of()));
    assertEquals(1, files());
  }

  private long files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  @Test
  void aClosedFileIsAnError() throws IOException {
    Path path = folder.resolve("closed.safetensors");
    try (SafetensorsWriter writer = new SafetensorsWriter(path,
        List.of(new Slot("a", StoredType.U8, Shape.of(3))), Map.of())) {
      writer.write("a", MemorySegment.ofArray(new byte[3]));
      writer.commit();
    }
    WeightFile file = WeightFile.open(path);
    StoredTensor tensor = file.tensor("a");
    file.close();
    file.close();
    assertThrows(IllegalStateException.class, tensor::floats);
    assertFalse(tensor.toString().isEmpty());
  }
}
