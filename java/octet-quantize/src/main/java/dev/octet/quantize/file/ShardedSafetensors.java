package dev.octet.quantize.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A model in several safetensors files, as Hugging Face writes it: {@code *.safetensors.index.json} says in
 * {@code weight_map} which file beside it holds which tensor. Tensors that the index does not name are not
 * part of the model. All files are mapped when the index is opened, and unmapped together.
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
   *         100 MB, it names a file that is not in its folder or a tensor that is not in its file, or a file
   *         is damaged
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
            f -> SafetensorsContents.open(SafetensorsIndex.shard(f, folder, linked)));
        tensors.put(name, SafetensorsIndex.tensor(name, file, part));
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
