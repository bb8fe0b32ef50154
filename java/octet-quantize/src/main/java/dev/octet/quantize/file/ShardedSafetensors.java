package dev.octet.quantize.file;

import dev.octet.quantize.mapped.FileError;
import dev.octet.quantize.mapped.Mapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads a model in several safetensors files, as Hugging Face writes it: {@code *.safetensors.index.json}
 * says in {@code weight_map} which file beside it holds which tensor. Tensors of these files that the index
 * does not name are tensors of the model too, after those that it names. All files are mapped when the index
 * is opened, and unmapped together.
 *
 * <p>
 * Files are named without a path and lie in the folder of the index; where the index is a symbolic link, as
 * in Hugging Face's cache, they may be links to files beside the one that it links to. Nothing else is read,
 * whatever the index or a link says.
 */
public final class ShardedSafetensors extends SafetensorsWeights {
  private ShardedSafetensors(Path path, Collection<SafetensorsContents> parts,
      Map<String, StoredTensor> tensors, Map<String, String> metadata, QuantizationConfig configured) {
    super(path, parts, tensors, metadata, configured);
  }

  /**
   * Maps the files of an index.
   *
   * @param path the index, or a folder with just one
   * @return the files, to be closed
   * @throws MalformedFileException if a folder has no index or several, the index is none or has more than
   *         100 MB, it names a file that is not in its folder or a tensor that is not in its file, a file is
   *         damaged, a tensor that the index does not name is in two files and differs, or a file that is
   *         numbered as the index's files lies beside them and the index does not name it
   * @throws UncheckedIOException if the index cannot be read
   */
  public static ShardedSafetensors open(Path path) {
    Objects.requireNonNull(path, "path");
    try {
      Path index = Files.isDirectory(path) ? only(path) : path;
      return of(SafetensorsIndex.text(index), index, index.toAbsolutePath().getParent().toRealPath(),
          index.toRealPath().getParent());
    } catch (MalformedFileException e) {
      throw new MalformedFileException(path + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw FileError.reading(path, e);
    }
  }

  /**
   * Writes the index of files that lie beside it, of all their tensors in the order of their names.
   *
   * @param index the file to be written, {@code NAME.safetensors.index.json}, aside first
   * @param files names of safetensors files in its folder
   * @throws IllegalArgumentException if the index has another name, or two files have a tensor of one name
   * @throws MalformedFileException if a file is damaged
   * @throws UncheckedIOException if a file cannot be read, or the index cannot be written
   */
  public static void writeIndex(Path index, List<String> files) {
    Objects.requireNonNull(index, "index");
    Objects.requireNonNull(files, "files");
    if (!SafetensorsIndex.isIndex(index)) {
      throw new IllegalArgumentException(
          "index: expected a name such as model.safetensors.index.json, got " + index);
    }
    SortedMap<String, String> tensors = new TreeMap<>();
    long bytes = 0;
    for (String file : files) {
      try (SafetensorsContents contents = SafetensorsContents.open(index.resolveSibling(file))) {
        for (StoredTensor tensor : contents.tensors().values()) {
          String other = tensors.put(tensor.name(), file);
          if (other != null) {
            throw new IllegalArgumentException(
                "tensor " + tensor.name() + ": expected it in one file, got " + other + " and " + file);
          }
          bytes += tensor.data().byteSize();
        }
      }
    }
    OutputFile.write(index, SafetensorsIndex.format(tensors, bytes));
  }

  /**
   * Maps the files of an index in memory.
   *
   * @param path of the index; null where it is in no file
   * @param folder of the files, as a real path
   * @param linked the folder that files may be links into
   */
  static ShardedSafetensors of(byte[] index, Path path, Path folder, Path linked) {
    SafetensorsIndex read = SafetensorsIndex.parse(index);
    Map<String, SafetensorsContents> parts = new LinkedHashMap<>();
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    try {
      read.files().forEach((name, file) -> {
        SafetensorsContents part = parts.computeIfAbsent(file,
            f -> SafetensorsContents.open(FilesBeside.find("weight_map", f, folder, linked)));
        tensors.put(name, SafetensorsIndex.tensor(name, file, part));
      });
      read.requireNoOtherShards(folder);
      Mapping.reading(() -> parts.values().forEach(SafetensorsContents::requireUnchanged), () -> {
        parts.forEach((file, part) -> addUnnamed(file, part, tensors));
        return null;
      });
      // what the index says, and, where it says nothing, the files in their order
      Map<String, String> metadata = new LinkedHashMap<>(read.metadata());
      parts.values().forEach(part -> part.metadata().forEach(metadata::putIfAbsent));
      return new ShardedSafetensors(path, parts.values(), tensors, metadata, QuantizationConfig.of(folder));
    } catch (RuntimeException e) {
      parts.values().forEach(SafetensorsContents::close);
      throw e;
    }
  }

  /**
   * Adds the tensors of a file that the index does not name. One that has the name of a tensor of another
   * file must be the same: programs that load file by file take the last one, whatever the index says.
   */
  private static void addUnnamed(String file, SafetensorsContents part, Map<String, StoredTensor> tensors) {
    part.tensors().forEach((name, tensor) -> {
      StoredTensor other = tensors.putIfAbsent(name, tensor);
      if (other != null && !other.equals(tensor) && !isSame(tensor, other)) {
        throw new MalformedFileException("tensor " + name + " of \"" + file
            + "\" is in another file of the index too, with other contents: " + other);
      }
    });
  }

  private static boolean isSame(StoredTensor tensor, StoredTensor other) {
    return tensor.typeName().equals(other.typeName()) && tensor.shape().equals(other.shape())
        && tensor.data().mismatch(other.data()) < 0;
  }

  private static Path only(Path folder) {
    List<Path> indices = SafetensorsIndex.in(folder);
    if (indices.size() != 1) {
      throw new MalformedFileException("expected one *.safetensors.index.json in the folder, got "
          + (indices.isEmpty() ? "none" : indices.stream().map(Path::getFileName).toList()));
    }
    return indices.getFirst();
  }

  /** Whether a folder has an index, or several. */
  static boolean isIn(Path folder) {
    return !SafetensorsIndex.in(folder).isEmpty();
  }

  @Override
  public String format() {
    return "sharded safetensors";
  }
}
