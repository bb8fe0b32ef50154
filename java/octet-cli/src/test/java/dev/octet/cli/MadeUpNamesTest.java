package dev.octet.cli;

import static dev.octet.cli.Run.octet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers whose weights an exporter of ONNX named, by that name and by the one after the bias. */
class MadeUpNamesTest {
  private static final int GRAPH = 7;

  @TempDir
  Path folder;

  /** A field of a protobuf message that has a length, below 2^14. */
  private static byte[] field(int number, byte[]... parts) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      body.writeBytes(part);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write((number << 3) | 2);
    out.write((body.size() & 0x7f) | 0x80);
    out.write(body.size() >> 7);
    out.writeBytes(body.toByteArray());
    return out.toByteArray();
  }

  private static byte[] text(int number, String text) {
    return field(number, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A TensorProto of F32: dims, type, name, raw data. */
  private static byte[] initializer(String name, int... dims) {
    int bytes = 4;
    for (int dim : dims) {
      bytes *= dim;
    }
    byte[] shape = new byte[dims.length];
    for (int i = 0; i < dims.length; i++) {
      shape[i] = (byte) dims[i];
    }
    return field(5, field(1, shape), new byte[]{2 << 3, 1}, text(8, name), field(9, new byte[bytes]));
  }

  private static byte[] node(String op, String first, String second, String output) {
    return field(1, text(1, first), text(1, second), text(2, output), text(4, op));
  }

  private static byte[] layer(String weight, String name) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(initializer(weight, 4, 8));
    out.writeBytes(initializer(name + ".bias", 8));
    out.writeBytes(node("MatMul", "x", weight, name + "_p"));
    out.writeBytes(node("Add", name + "_p", name + ".bias", name + "_y"));
    return out.toByteArray();
  }

  @Test
  void layersAreExcludedByEitherName() throws IOException {
    Path model = Files.write(folder.resolve("model.onnx"), field(GRAPH, layer("onnx::MatMul_1", "fc1"),
        layer("onnx::MatMul_2", "fc2"), layer("fc4.weight", "fc3"), layer("onnx::MatMul_4", "fc5")));
    Run run = octet("quantize", model, "-o", folder.resolve("out.safetensors"), "-s", "int8-dynamic",
        "--exclude", "fc1", "--exclude", "onnx::MatMul_2", "--exclude", "fc4", "--exclude", "fc3", "--json");
    assertEquals(0, run.exit(), run.err());
    assertEquals("[\"fc5.weight\"]", run.json().get("quantized").toString());
    String warnings = run.json().get("warnings").toString();
    assertTrue(warnings.contains("fc3"), warnings);
    assertFalse(warnings.contains("onnx::MatMul_2"), warnings);
  }
}
