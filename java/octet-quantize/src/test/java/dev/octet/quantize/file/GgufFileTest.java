package dev.octet.quantize.file;

import static dev.octet.quantize.file.GgufBytes.concat;
import static dev.octet.quantize.file.GgufBytes.floats;
import static dev.octet.quantize.file.GgufBytes.le;
import static dev.octet.quantize.file.GgufBytes.string;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import dev.octet.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GgufFileTest {
  @TempDir
  Path folder;

  @Test
  void metadataOfEveryType() {
    byte[] f32 = le(4, Float.floatToRawIntBits(1.5f));
    byte[] f64 = le(8, Double.doubleToRawLongBits(-0.1));
    GgufFile file = new GgufBytes().value("a", 0, le(1, 200)).value("b", 1, le(1, -3))
        .value("c", 2, le(2, 65535)).value("d", 3, le(2, -300)).value("e", 4, le(4, 0xffff_ffffL))
        .value("f", 5, le(4, -7)).value("g", 6, f32).value("h", 7, le(1, 1)).text("i", "h\u00e9")
        .value("k", 10, le(8, -1)).value("l", 11, le(8, -1)).value("m", 12, f64).value("n", 10, le(8, 12))
        .file();
    Map<String, Object> metadata = file.metadata();
    assertEquals(List.copyOf(metadata.values()), List.of(200L, -3L, 65535L, -300L, 0xffff_ffffL, -7L, 1.5f,
        true, "h\u00e9", new BigInteger("18446744073709551615"), -1L, -0.1, 12L));
    assertEquals("U8 200", file.values().get("a").toString());
    assertEquals(new GgufValue(GgufValue.Type.I16, -300L), file.values().get("d"));
    assertThrows(UnsupportedOperationException.class, () -> metadata.put("z", 1));
    assertEquals(3, file.version());
    assertEquals(List.of(), file.names());
  }

  @Test
  void arraysOfMetadata() {
    GgufFile file = new GgufBytes()
        .array("tokens", 8, 3,
            concat(string("<s>"), string(""), concat(le(8, 2), new byte[]{(byte) 0xc3, 'a'})))
        .array("scores", 6, 2, floats(-1, 0.5f)).array("types", 5, 2, concat(le(4, 1), le(4, -6)))
        .array("flags", 7, 2, new byte[]{0, 1}).array("u64", 10, 1, le(8, Long.MIN_VALUE))
        .array("none", 8, 0, new byte[0]).array("empty", 6, 0, new byte[0]).file();
    Map<String, Object> metadata = file.metadata();
    assertEquals(List.of("<s>", "", "\ufffda"), metadata.get("tokens"));
    assertEquals(List.of(-1f, 0.5f), metadata.get("scores"));
    assertEquals(List.of(1L, -6L), metadata.get("types"));
    assertEquals(List.of(false, true), metadata.get("flags"));
    assertEquals(List.of(new BigInteger("9223372036854775808")), metadata.get("u64"));
    assertEquals(List.of(), metadata.get("none"));
    assertEquals(List.of(), metadata.get("empty"));
    assertEquals("STRING[3]", file.values().get("tokens").toString());
    assertTrue(file.values().get("scores").isArray());
  }

  @Test
  void tensorsOfPlainNumbers() throws IOException {
    byte[] bf16 = concat(le(2, 0x3f80), le(2, 0xc000));
    byte[] bytes = new GgufBytes().text("general.architecture", "llama")
        .tensor("w", 0, floats(1, 2, 3, 4, 5, 6), 3, 2)
        .tensor("h", 1, concat(le(2, Float.floatToFloat16(0.25f)), le(2, Float.floatToFloat16(-2))), 2)
        .tensor("b", 30, bf16, 1, 1, 2).tensor("i", 24, new byte[]{-1, 2, 3}, 3)
        .tensor("scalar", 0, floats(9)).tensor("nothing", 0, new byte[0], 4, 0).bytes(2, 6, 1);
    Path path = Files.write(folder.resolve("model.gguf"), bytes);
    try (GgufFile file = GgufFile.open(path)) {
      assertEquals(2, file.version());
      assertEquals(List.of("w", "h", "b", "i", "scalar", "nothing"), file.names());
      GgufTensor w = file.tensor("w");
      assertEquals(Shape.of(2, 3), w.shape());
      assertEquals(2, w.rows());
      assertTrue(w.data().isReadOnly());
      assertEquals(24, w.data().byteSize());
      float[] row = new float[4];
      w.row(1, row);
      assertArrayEquals(new float[]{4, 5, 6, 0}, row);
      assertThrows(IndexOutOfBoundsException.class, () -> w.row(2, row));
      assertThrows(IndexOutOfBoundsException.class, () -> w.row(0, new float[2]));
      assertArrayEquals(new float[]{0.25f, -2}, file.tensor("h").floats());
      assertArrayEquals(new float[]{1, -2}, file.tensor("b").floats());
      assertEquals(Shape.of(2, 1, 1), file.tensor("b").shape());
      assertArrayEquals(new int[]{-1, 2, 3}, file.tensor("i").stored().ints());
      assertArrayEquals(new float[]{9}, file.tensor("scalar").floats());
      assertEquals(0, file.tensor("nothing").rows());
      assertEquals("w F32 [2, 3]", w.toString());
      assertEquals("there is no tensor x in the file, which has 6",
          assertThrows(IllegalArgumentException.class, () -> file.tensor("x")).getMessage());
    }
    assertThrows(UncheckedIOException.class, () -> GgufFile.open(folder.resolve("none.gguf")));
    assertThrows(IllegalArgumentException.class, () -> GgufFile.open(folder));
  }

  /** The alignment of the metadata holds, and tensors may lie in any order, with space between them. */
  @Test
  void placesOfTensors() {
    GgufBytes bytes = new GgufBytes().alignment(64).value("general.alignment", 4, le(4, 64))
        .tensor("a", 0, floats(1), 1).tensor("b", 0, floats(2), 1);
    GgufFile file = bytes.info("again", 24, 64, 0).file();
    assertArrayEquals(new float[]{2}, file.tensor("b").floats());
    GgufFile other = GgufFile.of(MemorySegment.ofArray(concat(
        new GgufBytes().info("last", 0, 64, 1).info("first", 0, 0, 1).bytes(), floats(1), new byte[60],
        floats(2), new byte[100])));
    assertArrayEquals(new float[]{2}, other.tensor("last").floats());
    assertArrayEquals(new float[]{1}, other.tensor("first").floats());
  }

  /** Any bytes are blocks: what they mean is told by BlockTensor, which has tests of its own. */
  @ParameterizedTest
  @EnumSource
  void blocks(BlockFormat format) {
    byte[] bytes = new byte[6 * format.bytes()];
    new Random(format.id()).nextBytes(bytes);
    int columns = 2 * format.elements();
    GgufTensor tensor = new GgufBytes().tensor("w", format.id(), bytes, columns, 3).file().tensor("w");
    assertEquals(format.name(), tensor.typeName());
    assertEquals(Optional.of(format), tensor.type().block());
    assertEquals(Shape.of(3, columns), tensor.block().shape());
    float[] row = new float[columns];
    float[] expected = new float[3 * columns];
    for (int i = 0; i < 3; i++) {
      BlockTensor.of(format, Shape.of(3, columns), MemorySegment.ofArray(bytes)).dequantize(i, row);
      System.arraycopy(row, 0, expected, i * columns, columns);
    }
    assertArrayEquals(expected, tensor.floats());
    assertArrayEquals(row, rowOf(tensor, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.row(3, row));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.row(0, new float[columns - 1]));
    assertEquals(
        "tensor w: elements of type " + format.id() + ", " + format + " are not read as plain numbers",
        assertThrows(UnsupportedOperationException.class, tensor::stored).getMessage());
  }

  private static float[] rowOf(GgufTensor tensor, long row) {
    float[] result = new float[(int) tensor.shape().dim(tensor.shape().rank() - 1)];
    tensor.row(row, result);
    return result;
  }

  @Test
  void typesThatAreNotReadAreNamed() {
    GgufFile file = new GgufBytes().tensor("a", 16, new byte[66], 256).tensor("b", 99, new byte[40], 7)
        .tensor("c", 0, floats(1), 1).file();
    assertEquals("IQ2_XXS", file.tensor("a").typeName());
    assertEquals(66, file.tensor("a").data().byteSize());
    assertFalse(file.tensor("a").isReadable());
    assertEquals("type 99", file.tensor("b").typeName());
    assertEquals(64, file.tensor("b").data().byteSize()); // up to the next one
    assertEquals("tensor a: elements of type 16, IQ2_XXS are not read as plain numbers", assertThrows(
        UnsupportedOperationException.class, () -> file.tensor("a").stored()).getMessage());
    assertEquals("tensor b: elements of type 99 are not read as numbers", assertThrows(
        UnsupportedOperationException.class, () -> file.tensor("b").floats()).getMessage());
    assertEquals("tensor c: elements of type 0, F32 are not read as blocks", assertThrows(
        UnsupportedOperationException.class, () -> file.tensor("c").block()).getMessage());
  }

  @Test
  void versionsAndByteOrders() {
    GgufBytes empty = new GgufBytes();
    refused(empty.bytes(1, 0, 0), "GGUF: expected version 2 or 3, got version 1");
    refused(empty.bytes(4, 0, 0), "GGUF: expected version 2 or 3, got version 4");
    refused(empty.bytes(0x03000000, 0, 0),
        "GGUF: expected version 2 or 3, got version 3 in big-endian byte order, which is not read");
    refused("GGML\3\0\0\0".getBytes(StandardCharsets.US_ASCII),
        "GGUF: expected a file that begins with GGUF, got 0x4c4d4747 in its first 4 bytes");
    refused(new byte[3], "GGUF: expected 4 bytes from byte 0 on, the file has 3");
  }

  @Test
  void countsBeyondTheFile() {
    GgufBytes empty = new GgufBytes();
    refused(empty.bytes(3, 1, 0), "GGUF: expected at most 0 tensors in the 16 bytes that are left");
    refused(empty.bytes(3, -1, 0), "of the file, got 18446744073709551615");
    refused(empty.bytes(3, 0, 1L << 40), "GGUF: expected at most 0 keys of metadata in the 8 bytes");
    refused(new GgufBytes().alignment(1).text("a", "b").bytes(3, 0, 2),
        "GGUF: expected at most 1 keys of metadata in the 22 bytes");
    refused(new GgufBytes().array("a", 8, 1L << 60, le(8, 0)).bytes(),
        "metadata a: expected at most ");
    refused(new GgufBytes().array("a", 12, Long.MAX_VALUE, le(8, 0)).bytes(),
        "elements in the ");
    refused(new GgufBytes().value("a", 8, le(8, 1L << 40)).bytes(),
        "metadata a: expected at most ");
    refused(new GgufBytes().value("a", 8, concat(le(8, -5), new byte[9])).bytes(),
        "bytes of a string in the ");
  }

  @Test
  void wrongMetadata() {
    refused(new GgufBytes().text("a", "b").text("a", "c").bytes(), "metadata a: is there twice");
    refused(new GgufBytes().text("", "b").bytes(), "metadata : expected a key that is not empty");
    refused(new GgufBytes().value("a", 13, new byte[9]).bytes(),
        "metadata a: expected a type of 0 to 12, got 13");
    refused(new GgufBytes().array("a", 9, 0, new byte[9]).bytes(),
        "metadata a: arrays of arrays are not read");
    refused(new GgufBytes().value("a", 7, new byte[]{2}).bytes(),
        "metadata a: expected a boolean of 0 or 1, got 2");
    refused(new GgufBytes().array("a", 7, 2, new byte[]{0, -1}).bytes(),
        "metadata a: expected a boolean of 0 or 1, got 255");
    byte[] name = new GgufBytes().text("ab", "c").bytes();
    name[32] = (byte) 0xff;
    refused(name, "metadata 0: expected a name in UTF-8");
    for (long alignment : new long[]{0, 3, 48}) {
      refused(new GgufBytes().value("general.alignment", 4, le(4, alignment)).bytes(),
          "metadata general.alignment: expected a U32 that is a power of two, got U32 " + alignment);
    }
    refused(new GgufBytes().value("general.alignment", 10, le(8, 32)).bytes(),
        "metadata general.alignment: expected a U32 that is a power of two, got U64 32");
  }

  @Test
  void wrongTensors() {
    refused(new GgufBytes().tensor("a", 0, floats(1), 1).tensor("a", 0, floats(1), 1).bytes(),
        "tensor a: is there twice");
    refused(new GgufBytes().info("a", 0, 0, 1, 1, 1, 1, 1).bytes(),
        "tensor a: expected at most 4 dimensions, got 5");
    refused(new GgufBytes().info("a", 0, 0, -1).bytes(), "tensor a: shape [-1]: dimension 0 is negative");
    refused(new GgufBytes().info("a", 0, 0, 1L << 40, 1L << 40).bytes(),
        "number of elements overflows 64 bits");
    refused(new GgufBytes().info("a", 0, 0, 1L << 62).bytes(),
        "tensor a: F32 [4611686018427387904]: its size overflows 64 bits");
    refused(new GgufBytes().info("a", 2, 0, 33, 2).bytes(),
        "tensor a: Q4_0 [2, 33]: expected rows of whole blocks of 32, got 33");
    refused(new GgufBytes().info("a", 0, 8, 1).bytes(),
        "tensor a: expected an offset that is a multiple of 32, got 8");
    refused(new GgufBytes().info("a", 0, -32, 1).bytes(), "got 18446744073709551584");
    refused(new GgufBytes().tensor("a", 0, floats(1), 2).bytes(),
        "tensor a: expected 8 bytes from byte 0 of the data on, the file has 4 bytes of data");
    refused(new GgufBytes().info("a", 99, 64, 2).bytes(),
        "tensor a: expected 0 bytes from byte 64 of the data on, the file has 0 bytes of data");
    refused(new GgufBytes().tensor("a", 0, new byte[64], 16).info("b", 0, 32, 1).bytes(),
        "tensor a: its 64 bytes from byte 0 of the data on overlap the tensor that begins at byte 32");
    refused(new GgufBytes().tensor("a", 0, new byte[64], 16).info("b", 0, 0, 16).bytes(), "overlap");
  }

  @Test
  void filesAreToldByTheirBeginning() throws IOException {
    assertTrue(GgufFile.isAt(Files.write(folder.resolve("a"), new GgufBytes().bytes())));
    assertTrue(GgufFile.isAt(Files.writeString(folder.resolve("b"), "GGUF")));
    assertFalse(GgufFile.isAt(Files.writeString(folder.resolve("c"), "GGU")));
    assertFalse(GgufFile.isAt(folder));
    assertFalse(GgufFile.isAt(folder.resolve("none")));
  }

  @Test
  void theFileIsNamed() throws IOException {
    Path path = Files.write(folder.resolve("bad.gguf"), new GgufBytes().bytes(1, 0, 0));
    assertEquals(path + ": GGUF: expected version 2 or 3, got version 1",
        assertThrows(MalformedFileException.class, () -> GgufFile.open(path)).getMessage());
  }

  @Test
  void aClosedFileIsNoLongerRead() throws IOException {
    Path path = Files.write(folder.resolve("a.gguf"), new GgufBytes().value("n", 4, le(4, 2))
        .tensor("a", 0, floats(1), 1).tensor("b", 2, new byte[18], 32).tensor("c", 24, new byte[1], 1)
        .bytes());
    GgufFile file = GgufFile.open(path);
    GgufTensor tensor = file.tensor("a");
    GgufTensor blocks = file.tensor("b");
    StoredTensor stored = tensor.stored();
    StoredTensor ids = file.tensor("c").stored();
    file.requireUnchanged();
    file.close();
    for (Executable use : List.<Executable>of(tensor::floats, () -> tensor.row(0, new float[1]), tensor::data,
        tensor::stored, blocks::block, blocks::floats, () -> stored.floats(0, new float[1], 0, 1),
        () -> ids.integer(0))) {
      String said = assertThrows(IllegalStateException.class, use).getMessage();
      assertTrue(said.matches("tensor (a|b|c): its file is closed"), said);
    }
    assertEquals(2, file.metadata("n").asInt());
  }

  @Test
  void valuesThatDoNotFitTheirType() {
    assertThrows(IllegalArgumentException.class, () -> new GgufValue(GgufValue.Type.U8, 256L));
    assertThrows(IllegalArgumentException.class, () -> new GgufValue(GgufValue.Type.I8, 5));
    assertThrows(IllegalArgumentException.class, () -> new GgufValue(GgufValue.Type.U64, BigInteger.TEN));
    assertThrows(IllegalArgumentException.class, () -> GgufValue.u32(-1));
    Object floats = new GgufBytes().array("scores", 6, 2, floats(-1, 0.5f)).file().metadata().get("scores");
    assertEquals(floats, new GgufValue(GgufValue.Type.F32, floats).value());
    assertThrows(IllegalArgumentException.class, () -> new GgufValue(GgufValue.Type.U8, floats));
    assertEquals("value: expected one of type STRING, got Long 1",
        assertThrows(IllegalArgumentException.class,
            () -> new GgufValue(GgufValue.Type.STRING, List.of("a", 1L))).getMessage());
  }

  private static void refused(byte[] file, String message) {
    String said = assertThrows(MalformedFileException.class, () -> GgufFile.of(MemorySegment.ofArray(file)))
        .getMessage();
    assertTrue(said.contains(message), said);
  }
}
