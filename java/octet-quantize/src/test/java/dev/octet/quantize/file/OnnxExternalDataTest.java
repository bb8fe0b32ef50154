package dev.octet.quantize.file;

import static dev.octet.quantize.file.OnnxFileTest.model;
import static dev.octet.quantize.file.OnnxFileTest.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data of a model's tensors in other files. */
class OnnxExternalDataTest {
  @TempDir
  Path folder;

  @Test
  void externalDataBesideTheModelAndNowhereElse() throws IOException {
    Path inside = Files.createDirectories(folder.resolve("model/data"));
    byte[] weights = new byte[64];
    weights[19] = 0x3f;
    weights[18] = (byte) 0x80;
    Files.write(inside.resolve("w.bin"), weights);
    Files.write(folder.resolve("secret.bin"), weights);
    Files.createSymbolicLink(folder.resolve("model/link.bin"), folder.resolve("secret.bin"));
    try (WeightFile file = WeightFile.open(external("data/w.bin", "16", "8"))) {
      assertEquals("ONNX", file.format());
      assertArrayEquals(new float[]{1, 0}, file.tensor("w").floats());
    }
    refused("in the folder", external("../secret.bin", "0", "8"));
    refused("in the folder", external(folder.resolve("secret.bin").toString(), "0", "8"));
    refused("in the folder", external("link.bin", "0", "8"));
    refused("in the folder", external("", "0", "8"));
    refused("no file", external("data/none.bin", "0", "8"));
    refused("not in \"data/w.bin\"", external("data/w.bin", "60", "8"));
    refused("not in \"data/w.bin\"", external("data/w.bin", "999999999999999999", "8"));
    refused("expected 8 bytes", external("data/w.bin", "0", "9"));
    MemorySegment memory = MemorySegment.ofArray(Files.readAllBytes(external("data/w.bin", "0", "8")));
    MalformedFileException e = assertThrows(MalformedFileException.class, () -> OnnxFile.of(memory));
    assertTrue(e.getMessage().contains("in no folder"), e.getMessage());
  }

  private static void refused(String message, Path path) {
    MalformedFileException e = assertThrows(MalformedFileException.class, () -> WeightFile.open(path));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private Path external(String location, String offset, String length) throws IOException {
    TensorProto.Builder tensor = tensor("w", TensorProto.DataType.FLOAT_VALUE, 2)
        .setDataLocation(TensorProto.DataLocation.EXTERNAL).addExternalData(entry("location", location))
        .addExternalData(entry("offset", offset)).addExternalData(entry("length", length));
    Path path = folder.resolve("model/model.onnx");
    Files.write(path, model(GraphProto.newBuilder().addInitializer(tensor)).build().toByteArray());
    return path;
  }

  private static StringStringEntryProto.Builder entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value);
  }

  @Test
  void aFolderIsNoFile() throws IOException {
    Files.createDirectories(folder.resolve("model/data"));
    for (String location : new String[]{"data", ".", "data/", "data/.."}) {
      refused("tensor w: external data: expected a file in the folder of the model, got \"" + location
          + "\", which is a folder", external(location, "0", "8"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0x0", "+0", "-1", " 0", "0 ", "", "eight", "1e3", "0.0", "\u0660",
      "9223372036854775808", "99999999999999999999"})
  void whatIsNoNumberOfBytes(String text) throws IOException {
    Path inside = Files.createDirectories(folder.resolve("model"));
    Files.write(inside.resolve("w.bin"), new byte[8]);
    String expected = ": expected a number of bytes, of up to 18 decimal digits, got \"";
    refused("tensor w: external data in \"w.bin\": offset" + expected + text + "\"",
        external("w.bin", text, "8"));
    refused("tensor w: external data in \"w.bin\": length" + expected + text + "\"",
        external("w.bin", "0", text));
  }
}
