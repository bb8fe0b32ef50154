package dev.octet.quantize.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Files that are plainly none of those that Octet reads, by their first bytes, so that they can be named. */
final class OtherFormat {
  private static final String READS = "Octet reads safetensors, sharded safetensors, ONNX and ModelSlim";
  private static final int START = 512;

  /**
   * How a format begins.
   *
   * @param name what people call it
   * @param offset of the sign
   * @param sign bytes as ISO 8859-1
   */
  private record Sign(String name, int offset, String sign) {
    boolean isOf(String start) {
      return start.startsWith(sign, offset);
    }
  }

  private static final List<Sign> SIGNS = List.of(new Sign("a GGUF file", 0, "GGUF"),
      new Sign("a GGML file", 0, "lmgg"), new Sign("a GGML file", 0, "tjgg"),
      new Sign("a TFLite model", 4, "TFL3"), new Sign("a PNG picture", 0, "\u0089PNG"),
      new Sign("a JPEG picture", 0, "\u00ff\u00d8\u00ff"), new Sign("a GIF picture", 0, "GIF8"),
      new Sign("a WebP picture", 8, "WEBP"), new Sign("a NumPy array (.npy)", 0, "\u0093NUMPY"),
      new Sign("an HDF5 file, as Keras writes", 0, "\u0089HDF"),
      new Sign("a zip archive, as PyTorch's .pt and .bin, NumPy's .npz and Keras are", 0, "PK\u0003\u0004"),
      new Sign("a gzip archive", 0, "\u001f\u008b"), new Sign("a zstd archive", 0, "(\u00b5/\u00fd"),
      new Sign("an xz archive", 0, "\u00fd7zXZ"), new Sign("a 7z archive", 0, "7z\u00bc\u00af"),
      new Sign("a tar archive", 257, "ustar"), new Sign("a PDF document", 0, "%PDF"),
      new Sign("a Git LFS pointer: the file itself was not downloaded (git lfs pull)", 0,
          "version https://git-lfs"));

  private OtherFormat() {}

  /**
   * Refuses a file of another format.
   *
   * @param path a file
   * @throws MalformedFileException if its first bytes are those of another format; it names it
   * @throws UncheckedIOException if it cannot be read
   */
  static void refuse(Path path) {
    String start;
    try (InputStream in = Files.newInputStream(path)) {
      start = new String(in.readNBytes(START), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path + ": " + e, e);
    }
    String name = name(start);
    if (name != null) {
      throw new MalformedFileException(path + ": this is " + name + "; " + READS);
    }
  }

  private static String name(String start) {
    if (start.isEmpty()) {
      return "an empty file";
    }
    for (Sign sign : SIGNS) {
      if (sign.isOf(start)) {
        return sign.name;
      }
    }
    // protocols 2 to 5: PROTO, its number, and then an opcode that a model can begin with
    if (start.length() > 2 && start.charAt(0) == 0x80 && start.charAt(1) >= 2 && start.charAt(1) <= 5) {
      return "a Python pickle, as older PyTorch files are";
    }
    String text = start.stripLeading().toLowerCase(java.util.Locale.ROOT);
    if (text.startsWith("<!doctype") || text.startsWith("<html")) {
      return "a web page, perhaps of a download that failed";
    }
    if (text.startsWith("<?xml") || text.startsWith("<net")) {
      return "an XML file, as OpenVINO has beside its .bin";
    }
    if (text.startsWith("{")) {
      return text.contains("\"modeltopology\"") || text.contains("\"weightsmanifest\"")
          ? "a TensorFlow.js model"
          : "a JSON file";
    }
    return null;
  }

  /**
   * Says which files of a folder could be meant.
   *
   * @param folder without an index or a description
   * @return a sentence
   * @throws UncheckedIOException if it cannot be read
   */
  static String inFolder(Path folder) {
    try (Stream<Path> entries = Files.walk(folder, 2)) {
      String models = entries.filter(path -> path.toString().matches(".*\\.(safetensors|onnx)")).sorted()
          .limit(10).map(path -> folder.relativize(path).toString()).collect(Collectors.joining(", "));
      return models.isEmpty()
          ? "there is no *.safetensors and no *.onnx in it either"
          : "name one of its files: " + models;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + folder + ": " + e, e);
    }
  }
}
