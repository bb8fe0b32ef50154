package dev.octet.quantize.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.octet.quantize.QuantizationScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs beside their inputs: the folder is read afterwards as before. */
class FolderPartsTest {
  @TempDir
  Path folder;
  @TempDir
  Path elsewhere;

  private void refused(Path in, String name, String part) {
    Path out = folder.resolve(name);
    String said = assertThrows(IllegalArgumentException.class,
        () -> NothingIsLost.quantize(in, out, QuantizationScheme.int8Dynamic()), name).getMessage();
    assertEquals("output: " + out + " has the name of " + part
        + " of the model in its folder and would be read as a part of it; choose another name or folder",
        said);
    assertFalse(Files.exists(out), name);
  }

  /** Weights that Octet wrote are no input, and yet not to be lost. */
  private void notReplaced(Path in, Path out) throws IOException {
    byte[] before = Files.readAllBytes(out);
    String said = assertThrows(IllegalArgumentException.class,
        () -> NothingIsLost.quantize(in, out, QuantizationScheme.int4Dynamic())).getMessage();
    assertEquals("output: " + out + " is there already, and no weights in a folder of ModelSlim are replaced;"
        + " remove the file, or choose another name or folder", said);
    assertArrayEquals(before, Files.readAllBytes(out));
  }

  private void written(Path in, String name) {
    NothingIsLost.quantize(in, folder.resolve(name), QuantizationScheme.int8Dynamic());
    WeightFile.open(folder).close();
  }

  @Test
  void modelSlim() throws IOException {
    Path weights = new TensorFiles().with("a.weight", StoredType.F32, 2, 32)
        .write(folder.resolve("quant_model_weight.safetensors"));
    Path description = Files.writeString(folder.resolve("quant_model_description.json"),
        "{\"a.weight\": \"FLOAT\"}");
    for (Path in : List.of(folder, description, weights)) {
      refused(in, "quant_model_weight_int8.safetensors", "the weights");
      refused(in, "quant_model_description_int8.json", "a description");
      refused(in, "quant_model_weight.safetensors.index.json", "an index");
      Path link = Files.createSymbolicLink(folder.resolve("link"),
          Path.of("quant_model_weight_int8.safetensors"));
      refused(in, "link", "the weights");
      Files.delete(link);
      written(in, "int8.safetensors");
      notReplaced(in, folder.resolve("int8.safetensors"));
      notReplaced(in,
          Files.createSymbolicLink(elsewhere.resolve("link"), folder.resolve("int8.safetensors")));
      Files.delete(elsewhere.resolve("link"));
      Files.delete(folder.resolve("int8.safetensors"));
    }
  }

  @Test
  void shards() throws IOException {
    String one = "model-00001-of-00001.safetensors";
    Path shard = new TensorFiles().with("a.weight", StoredType.F32, 2, 32).write(folder.resolve(one));
    String index = "model.safetensors.index.json";
    Files.writeString(folder.resolve(index), "{\"weight_map\": {\"a.weight\": \"" + one + "\"}}");
    for (Path in : List.of(folder, folder.resolve(index), shard)) {
      refused(in, "int8.safetensors.index.json", "an index");
      refused(in, "model.safetensors.index.int8.json", "an index");
      refused(in, "quant_model_description.json", "a description");
      refused(in, "model-00002-of-00001.safetensors", "a file of " + index);
      written(in, "quant_model_weight.safetensors");
    }
  }
}
