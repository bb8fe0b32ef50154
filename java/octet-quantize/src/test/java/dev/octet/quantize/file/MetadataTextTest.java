package dev.octet.quantize.file;

import static dev.octet.quantize.file.OnnxFileTest.floats;
import static dev.octet.quantize.file.OnnxFileTest.model;
import static dev.octet.quantize.file.OnnxFileTest.node;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import dev.octet.quantize.QuantizationScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Metadata by hand: what says less than Octet writes would make layers of scales. */
class MetadataTextTest {
  private static final String ENTRY = "{\"type\":\"S8\",\"shape\":[4,8],\"axis\":0,\"scale\":\"a_scale\"}";

  @TempDir
  Path folder;

  private static TensorFiles tensors() {
    return new TensorFiles().with("a", StoredType.I8, 4, 8).floats("a_scale", new float[]{1, 2, 3, 4}, 4, 1)
        .with("fp8.weight", StoredType.F8_E4M3, 4, 8).with("fp8.weight_scale", StoredType.F32, 4, 1)
        .with("w", StoredType.F32, 4, 8);
  }

  private Path file(String key, String text) {
    return tensors().metadata(key, text).write(folder.resolve("in.safetensors"));
  }

  private void refused(String key, String text, String message) {
    Path in = file(key, text);
    String said = assertThrows(MalformedFileException.class, () -> WeightFile.open(in), text).getMessage();
    assertTrue(said.endsWith("metadata " + key + ": " + message), said);
  }

  @Test
  void entriesOfQuantization() {
    WeightFile.open(file(StoredQuantization.KEY, "{\"a\":" + ENTRY + "}")).close();
    refused(StoredQuantization.KEY, "{\"a\":" + ENTRY + ",\"a\":{\"output_axis\":1}}", "a is there twice");
    refused(StoredQuantization.KEY, "{\"a\":" + ENTRY.replace("}", ",\"scale\":\"w\"}") + "}",
        "a: scale is there twice");
    for (String name : List.of("a", "a_scale", "fp8.weight_scale", "gone")) {
      refused(StoredQuantization.KEY, "{\"" + name + "\":{}}",
          name + ": expected type, packed, output_axis or input_axis, got {}");
    }
    refused(StoredQuantization.KEY, "{\"a\":{\"output_axis\":1}}",
        "a: expected the type that a I8 [4, 8] stands for, got {\"output_axis\":1}");
    for (String value : List.of("null", "8", "\"S8\"", "[1]")) {
      refused(StoredQuantization.KEY, "{\"a\":" + value + "}",
          "a: expected an object, got " + value.replaceAll("\"|1\\]", ""));
      refused(StoredQuantization.KEY, value, "expected an object, got " + value.replaceAll("\"|1\\]", ""));
    }
    refused(StoredQuantization.KEY, "", "expected an object, got nothing");
    refused(StoredQuantization.KEY, "{} {}", "expected nothing after the last brace");
  }

  @Test
  void entriesOfForeignForms() {
    String layer = "\"fp8\":{\"format\":\"FP8\",\"tensors\":[\"fp8.weight\",\"fp8.weight_scale\"]}";
    WeightFile.open(file(ForeignForms.KEY, "{" + layer + "}")).close();
    refused(ForeignForms.KEY, "{" + layer + ",\"fp8\":{\"tensors\":[\"fp8.weight\"]}}", "fp8 is there twice");
    refused(ForeignForms.KEY, "{\"fp8\":{\"tensors\":[\"fp8.weight\"],\"tensors\":[]}}",
        "fp8: tensors is there twice");
    refused(ForeignForms.KEY, "{\"fp8\":{\"format\":\"FP8\"}}",
        "fp8: expected an array of names as tensors, got {\"format\":\"FP8\"}");
  }

  /** One file may not take back what another one says. */
  @Test
  void entriesOfTwoFiles() throws IOException {
    new TensorFiles().with("a", StoredType.I8, 4, 8).floats("a_scale", new float[]{1, 2, 3, 4}, 4, 1)
        .metadata(StoredQuantization.KEY, "{\"a\":" + ENTRY + "}").write(folder.resolve("1.safetensors"));
    Files.writeString(folder.resolve("model.safetensors.index.json"),
        "{\"weight_map\":{\"a\":\"1.safetensors\",\"b\":\"2.safetensors\"}}");
    for (String other : List.of(ENTRY, ENTRY.replace("a_scale", "b"))) {
      new TensorFiles().with("b", StoredType.F32, 4, 1)
          .metadata(StoredQuantization.KEY, "{\"a\":" + other + "}").write(folder.resolve("2.safetensors"));
      if (other.equals(ENTRY)) {
        WeightFile.open(folder).close();
      } else {
        String said = assertThrows(MalformedFileException.class, () -> WeightFile.open(folder)).getMessage();
        assertTrue(said.endsWith("octet.quantization: a: two files say different things"), said);
      }
    }
  }

  /** Convolutions over one axis whose name is that of a stack: what Octet writes, it reads as it was. */
  @Test
  void axesThatTheNameDoesNotTell() throws IOException {
    Path in = Files.write(folder.resolve("m.onnx"),
        model(GraphProto.newBuilder().addInitializer(floats("experts.left.weight", new float[24], 4, 2, 3))
            .addInitializer(floats("experts.conv.weight", new float[24], 4, 2, 3))
            .addNode(node("Conv", List.of("x", "experts.left.weight"), "y"))
            .addNode(node("Conv", List.of("y", "experts.conv.weight"), "z"))).build().toByteArray());
    Path out = folder.resolve("out.safetensors");
    NothingIsLost.quantize(in, out, QuantizationScheme.int8Dynamic().exclude("*left"));
    try (WeightFile before = WeightFile.open(in); WeightFile after = WeightFile.open(out)) {
      for (String name : List.of("experts.left.weight", "experts.conv.weight")) {
        assertEquals(new WeightAxes(0, WeightAxes.NONE), before.axes(name));
        assertEquals(before.axes(name), after.axes(name), name);
      }
    }
  }
}
