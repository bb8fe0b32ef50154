package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class OtherFormatTest {
  @TempDir
  Path folder;

  /** Nobody writes into these pipes: whoever opened one would wait for ever. */
  @Test
  @Timeout(60)
  void pipesBesideOrInTheFolderAreRefused() throws Exception {
    for (String name : List.of("model.safetensors.index.json", "quant_model_description.json",
        "pytorch_model.bin")) {
      Path inside = Files.createDirectories(folder.resolve(name + "-folder"));
      assumeTrue(
          new ProcessBuilder("mkfifo", inside.resolve(name).toString()).start().waitFor() == 0, "mkfifo");
      assertThrows(IllegalArgumentException.class, () -> WeightFile.open(inside).close(), name);
    }
  }

  @Test
  void otherFormatsAreNamed() throws IOException {
    Map<String, String> starts = new LinkedHashMap<>();
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
    starts.put("[{\"name\": \"a.weight\"}]", "a JSON file");
    starts.put("\n [1, 2]", "a JSON file");
    starts.put("\u00ef\u00bb\u00bf{\"hidden_size\": 3}", "a JSON file");
    starts.put("\u00ef\u00bb\u00bf<!DOCTYPE html>", "a web page");
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
    Files.createFile(folder.resolve("b.gguf"));
    String said = assertThrows(MalformedFileException.class, () -> WeightFile.open(folder)).getMessage();
    assertTrue(said.endsWith("name one of its files: a.safetensors, b.gguf, onnx/model.onnx"), said);
  }

  /** By the first entry of the archive, which its writers always write first. */
  @Test
  void zipArchivesAreNamedByWhatTheyHold() throws IOException {
    Map<String, String> entries = Map.of("archive/data.pkl", "a PyTorch file (.pt, .bin)", "arr_0.npy",
        "a NumPy archive (.npz)", "metadata.json", "a Keras model (.keras)", "readme", "a zip archive");
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      Path file = folder.resolve("model.bin");
      try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(new byte[2000]);
      }
      String said = assertThrows(MalformedFileException.class, () -> WeightFile.open(file)).getMessage();
      assertTrue(said.startsWith(file + ": this is " + entry.getValue()), said);
    }
  }

  @Test
  void foldersOfOtherFormatsAreNamed() throws IOException {
    Path tensorFlow = Files.createDirectory(folder.resolve("tensorflow"));
    Path graph = Files.write(tensorFlow.resolve("saved_model.pb"), new byte[]{8, 1, 18, 0});
    Files.createDirectory(tensorFlow.resolve("variables"));
    refused(tensorFlow, "this is a TensorFlow SavedModel; Octet reads safetensors");
    refused(graph, "this is the graph of a TensorFlow SavedModel; Octet reads safetensors");
    Path torch = Files.createDirectory(folder.resolve("torch"));
    Files.writeString(torch.resolve("config.json"), "{}");
    Files.write(torch.resolve("pytorch_model.bin"), new byte[]{(byte) 0x80, 2, '}'});
    refused(torch, "pytorch_model.bin is a Python pickle, as older PyTorch files are; Octet reads");
    Path keras = Files.createDirectory(folder.resolve("keras"));
    Files.writeString(keras.resolve("model.h5"), "\u0089HDF\r\n", StandardCharsets.ISO_8859_1);
    refused(keras, "model.h5 is an HDF5 file, as Keras writes; Octet reads");
    refused(Files.createDirectory(folder.resolve("empty")),
        "there is no *.safetensors, no *.onnx and no *.gguf");
  }

  private static void refused(Path path, String message) {
    String said = assertThrows(MalformedFileException.class, () -> WeightFile.open(path)).getMessage();
    assertTrue(said.startsWith(path + ": ") && said.contains(message), said);
  }
}
