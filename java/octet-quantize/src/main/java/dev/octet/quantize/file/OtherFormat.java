package dev.octet.quantize.file;

import dev.octet.quantize.mapped.FileError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Files that are plainly none of those that Octet reads, by their first bytes, so that they can be named. */
final class OtherFormat {
  private static final String READS = "Octet reads safetensors, sharded safetensors, ONNX, GGUF and ModelSlim";
  private static final int START = 512;
  /** Of UTF-8, as ISO 8859-1. */
  private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";
  private static final String SAVED_MODEL = "saved_model.pb";
  private static final String ZIP = "a zip archive, as PyTorch's .pt and .bin, NumPy's .npz and Keras are";
  /** Names of files that models are in, to be looked into where a folder has none that is read. */
  private static final Pattern MODELS = Pattern
      .compile(".*\\.(bin|pt|pth|ckpt|pb|h5|hdf5|keras|tflite|npz|msgpack)");

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

  private static final List<Sign> SIGNS = List.of(
      new Sign("a GGML file", 0, "lmgg"), new Sign("a GGML file", 0, "tjgg"),
      new Sign("a TFLite model", 4, "TFL3"), new Sign("a PNG picture", 0, "\u0089PNG"),
      new Sign("a JPEG picture", 0, "\u00ff\u00d8\u00ff"), new Sign("a GIF picture", 0, "GIF8"),
      new Sign("a WebP picture", 8, "WEBP"), new Sign("a NumPy array (.npy)", 0, "\u0093NUMPY"),
      new Sign("an HDF5 file, as Keras writes", 0, "\u0089HDF"),
      new Sign(ZIP, 0, "PK\u0003\u0004"),
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
    String name = name(path);
    if (name != null) {
      throw new MalformedFileException(path + ": this is " + name + "; " + READS);
    }
  }

  /** What people call the format of a file; null where nothing tells. */
  private static String name(Path path) {
    if (path.endsWith(SAVED_MODEL)) {
      return "the graph of a TensorFlow SavedModel"; // its bytes could begin an ONNX model
    }
    FileError.requireFile(path);
    return name(start(path));
  }

  /**
   * The first bytes of a file as ISO 8859-1.
   *
   * @throws UncheckedIOException if it cannot be read
   */
  static String start(Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      return new String(in.readNBytes(START), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw FileError.reading(path, e);
    }
  }

  private static String name(String start) {
    if (start.isEmpty()) {
      return "an empty file";
    }
    for (Sign sign : SIGNS) {
      if (sign.isOf(start)) {
        return sign.name.equals(ZIP) ? archive(start) : sign.name;
      }
    }
    // protocols 2 to 5: PROTO, its number, and then an opcode that a model can begin with
    if (start.length() > 2 && start.charAt(0) == 0x80 && start.charAt(1) >= 2 && start.charAt(1) <= 5) {
      return "a Python pickle, as older PyTorch files are";
    }
    String text = start.substring(start.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length() : 0)
        .stripLeading().toLowerCase(java.util.Locale.ROOT);
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
    // An array; protobuf has no field that begins with this byte in a model.
    return text.startsWith("[") ? "a JSON file" : null;
  }

  /** What a zip archive is, by its first entry. */
  private static String archive(String start) {
    if (start.length() < 30) {
      return ZIP;
    }
    String entry = start.substring(30, Math.min(start.length(), 30 + start.charAt(26)));
    if (entry.endsWith("/data.pkl")) {
      return "a PyTorch file (.pt, .bin)";
    }
    if (entry.endsWith(".npy")) {
      return "a NumPy archive (.npz)";
    }
    return entry.equals("metadata.json") || entry.equals("config.json") ? "a Keras model (.keras)" : ZIP;
  }

  /**
   * Says which files of a folder could be meant.
   *
   * @param folder without an index or a description
   * @return a sentence
   * @throws UncheckedIOException if it cannot be read
   */
  static String inFolder(Path folder) {
    List<Path> files = new ArrayList<>();
    try {
      Files.walkFileTree(folder, Set.of(), 2, new SimpleFileVisitor<Path>() {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
          files.add(file);
          return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
          return FileVisitResult.CONTINUE; // what cannot be looked into is not proposed
        }
      });
      files.sort(null);
      String models = files.stream().filter(path -> path.toString().matches(".*\\.(safetensors|onnx|gguf)"))
          .limit(10).map(path -> folder.relativize(path).toString()).collect(Collectors.joining(", "));
      return models.isEmpty() ? others(folder, files) : "name one of its files: " + models;
    } catch (IOException e) {
      throw FileError.reading(folder, e);
    }
  }

  private static String others(Path folder, List<Path> files) {
    for (Path file : files) {
      if (file.equals(folder.resolve(SAVED_MODEL))) {
        return "this is a TensorFlow SavedModel; " + READS;
      }
    }
    for (Path file : files) {
      String name = MODELS.matcher(file.toString()).matches() && Files.isReadable(file) ? name(file) : null;
      if (name != null) {
        return folder.relativize(file) + " is " + name + "; " + READS;
      }
    }
    return "there is no *.safetensors, no *.onnx and no *.gguf in it either";
  }
}
