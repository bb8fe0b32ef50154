package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherFormatTest {
  @TempDir
  Path folder;

  @Test
  void otherFormatsAreNamed() throws IOException {
    Map<String, String> starts = new LinkedHashMap<>();
    starts.put("GGUF\u0003\0\0\0", "a GGUF file");
    starts.put("\u001c\0\0\0TFL3", "a TFLite model");
    starts.put("\u0089PNG\r\n\u001a\n", "a PNG picture");
    starts.put("\u00ff\u00d8\u00ff\u00e0", "a JPEG picture");
    starts.put("PK\u0003\u0004", "a zip archive, as PyTorch's");
    starts.put("\u0080\u0002}q\0", "a Python pickle");
    starts.put("\u0093NUMPY\u0001\0", "a NumPy array");
    starts.put("\u0089HDF\r\n", "an HDF5 file");
    starts.put("%PDF-1.7", "a PDF document");
    starts.put("version https://git-lfs.github.com/spec/v1\n", "the file itself was not downloaded");
    starts.put("<!DOCTYPE html>", "a web page");
    starts.put("<?xml version=\"1.0\"?>", "an XML file");
    starts.put("{\"format\": \"layers-model\", \"modelTopology\": {}}", "a TensorFlow.js model");
    starts.put("{\"hidden_size\": 3}", "a JSON file");
    starts.put("", "an empty file");
    for (String name : new String[]{"file", "file.onnx", "file.safetensors", "model.json"}) {
      for (Map.Entry<String, String> start : starts.entrySet()) {
        Path file = Files.write(folder.resolve(name), start.getKey().getBytes(StandardCharsets.ISO_8859_1));
        String said = assertThrows(MalformedFileException.class, () -> WeightFile.open(file)).getMessage();
        assertTrue(said.contains(": this is ") && said.contains(start.getValue())
            && said.contains("Octet reads safetensors"), name + " " + start + ": " + said);
      }
    }
  }

  @Test
  void aFolderWithoutAnIndexTellsItsFiles() throws IOException {
    Files.createDirectory(folder.resolve("onnx"));
    Files.createFile(folder.resolve("onnx/model.onnx"));
    Files.createFile(folder.resolve("a.safetensors"));
    String said = assertThrows(MalformedFileException.class, () -> WeightFile.open(folder)).getMessage();
    assertTrue(said.endsWith("name one of its files: a.safetensors, onnx/model.onnx"), said);
  }
}
