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

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Metadata in the types that a caller expects, and what is said where a file has others. */
class GgufMetadataTest {
  private final GgufFile file = new GgufBytes().text("general.architecture", "llama")
      .value("llama.block_count", 4, le(4, 22)).value("llama.large", 10, le(8, 1L << 40))
      .value("llama.huge", 10, le(8, -1)).value("llama.eps", 6, floats(1e-5f))
      .value("llama.tied", 7, le(1, 1))
      .value("llama.theta", 12, le(8, Double.doubleToRawLongBits(1e4)))
      .array("tokens", 8, 2, concat(string("a"), string("b"))).array("scores", 6, 2, floats(-1, 2))
      .array("heads", 2, 3, concat(le(2, 8), le(2, 65535), le(2, 0)))
      .array("offsets", 11, 2, concat(le(8, 1), le(8, 1L << 32))).file();

  @Test
  void values() {
    assertEquals("llama", file.metadata("general.architecture").asString());
    assertEquals(22, file.metadata("llama.block_count").asInt());
    assertEquals(22, file.metadata("llama.block_count").asLong());
    assertEquals(1L << 40, file.metadata("llama.large").asLong());
    assertEquals(1e-5f, file.metadata("llama.eps").asFloat());
    assertTrue(file.metadata("llama.tied").asBoolean());
    assertEquals(List.of("a", "b"), file.metadata("tokens").asStrings());
    assertEquals(List.of(-1f, 2f), file.metadata("scores").asFloats());
    assertArrayEquals(new int[]{8, 65535, 0}, file.metadata("heads").asInts());
    assertEquals("llama.block_count", file.metadata("llama.block_count").key());
    assertEquals("llama.block_count = U32 22", file.metadata("llama.block_count").toString());
    assertEquals("x = none", file.metadata("x").toString());
    assertEquals(Optional.of(GgufValue.u32(22)), file.metadata("llama.block_count").value());
  }

  @Test
  void fallbacks() {
    GgufMetadata none = file.metadata("none");
    assertEquals(Optional.empty(), none.value());
    assertEquals(7, none.asInt(7));
    assertEquals(8, none.asLong(8));
    assertEquals(0.5f, none.asFloat(0.5f));
    assertEquals("x", none.asString("x"));
    assertTrue(none.asBoolean(true));
    // what is there counts
    assertEquals(22, file.metadata("llama.block_count").asInt(7));
    assertEquals(22, file.metadata("llama.block_count").asLong(7));
    assertEquals(1e-5f, file.metadata("llama.eps").asFloat(7));
    assertEquals("llama", file.metadata("general.architecture").asString("x"));
    assertTrue(file.metadata("llama.tied").asBoolean(false));
    assertFalse(none.asBoolean(false));
  }

  private void refused(String key, Function<GgufMetadata, Object> read, String message) {
    assertEquals(message,
        assertThrows(IllegalArgumentException.class, () -> read.apply(file.metadata(key))).getMessage());
  }

  @Test
  void otherTypesAndRanges() {
    refused("llama.large", GgufMetadata::asInt,
        "metadata llama.large: expected an integer of 32 bits, got U64 1099511627776");
    refused("llama.large", key -> key.asInt(1),
        "metadata llama.large: expected an integer of 32 bits, got U64 1099511627776");
    refused("llama.huge", GgufMetadata::asLong,
        "metadata llama.huge: expected an integer of 64 bits, got U64 18446744073709551615");
    refused("llama.eps", key -> key.asLong(1),
        "metadata llama.eps: expected an integer of 64 bits, got F32 1.0E-5");
    refused("llama.theta", GgufMetadata::asFloat, "metadata llama.theta: expected an F32, got F64 10000.0");
    refused("llama.theta", key -> key.asFloat(1), "metadata llama.theta: expected an F32, got F64 10000.0");
    refused("llama.block_count", GgufMetadata::asBoolean,
        "metadata llama.block_count: expected a BOOL, got U32 22");
    refused("llama.block_count", key -> key.asBoolean(true),
        "metadata llama.block_count: expected a BOOL, got U32 22");
    refused("tokens", GgufMetadata::asString, "metadata tokens: expected a STRING, got STRING[2]");
    refused("tokens", key -> key.asString("x"), "metadata tokens: expected a STRING, got STRING[2]");
    refused("tokens", GgufMetadata::asFloats, "metadata tokens: expected an array of F32, got STRING[2]");
    refused("scores", GgufMetadata::asStrings, "metadata scores: expected an array of STRING, got F32[2]");
    refused("general.architecture", GgufMetadata::asStrings,
        "metadata general.architecture: expected an array of STRING, got STRING llama");
    refused("llama.block_count", GgufMetadata::asInts,
        "metadata llama.block_count: expected an array of integers, got U32 22");
    refused("offsets", GgufMetadata::asInts,
        "metadata offsets[1]: expected an integer of 32 bits, got I64 4294967296");
    refused("tokens", GgufMetadata::asInts,
        "metadata tokens[0]: expected an integer of 32 bits, got STRING a");
  }

  @Test
  void keysThatAreMissing() {
    refused("llama.block_cuont", GgufMetadata::asInt, "there is no key llama.block_cuont in the metadata,"
        + " which has 11; like it is llama.block_count");
    refused("block_count", GgufMetadata::asLong,
        "there is no key block_count in the metadata, which has 11; like it is llama.block_count");
    refused("x", GgufMetadata::asInts, "there is no key x in the metadata, which has 11");
  }
}
