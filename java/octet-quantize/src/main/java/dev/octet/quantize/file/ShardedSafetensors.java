package dev.octet.quantize.file;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.octet.quantize.json.JsonError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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
  /** {@code .index.fp16.json} is that of a variant. */
  private static final Pattern NAME = Pattern.compile(".*\\.safetensors\\.index(\\.[^.]+)?\\.json");

  /**
   * An index as it is written.
   *
   * @param metadata text and numbers, as text
   * @param files the file of each tensor, in the order of the index
   */
  private record Index(Map<String, String> metadata, Map<String, String> files) {
    static Index parse(byte[] text) {
      Map<String, String> metadata = new LinkedHashMap<>();
      Map<String, String> files = null;
      try (JsonParser json = JsonText.parser(text)) {
        JsonText.expect(json, json.nextToken(), JsonToken.START_OBJECT, "the index");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String key = json.currentName();
          JsonToken value = json.nextToken();
          switch (key) {
            case "weight_map" -> {
              if (files != null) {
                throw new MalformedFileException("weight_map is there twice");
              }
              JsonText.expect(json, value, JsonToken.START_OBJECT, key);
              files = files(json);
            }
            case "metadata" -> {
              JsonText.expect(json, value, JsonToken.START_OBJECT, key);
              metadata(json, metadata);
            }
            default -> json.skipChildren();
          }
        }
        if (files == null || json.nextToken() != null) {
          throw new MalformedFileException(files == null
              ? "the index: expected weight_map, from names of tensors to names of files"
              : "the index: expected nothing but blanks after the last brace");
        }
        return new Index(metadata, files);
      } catch (IOException e) {
        throw new MalformedFileException("the index: no JSON in UTF-8: " + JsonError.text(e), e);
      }
    }

    private static Map<String, String> files(JsonParser json) throws IOException {
      Map<String, String> files = new LinkedHashMap<>();
      // one text for each file, not for each tensor
      Map<String, String> names = new LinkedHashMap<>();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String tensor = json.currentName();
        JsonText.expect(json, json.nextToken(), JsonToken.VALUE_STRING, "weight_map: " + tensor);
        if (files.put(tensor, names.computeIfAbsent(json.getText(), name -> name)) != null) {
          throw new MalformedFileException("weight_map: tensor " + tensor + " is there twice");
        }
      }
      return files;
    }

    private static void metadata(JsonParser json, Map<String, String> metadata) throws IOException {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        if (json.nextToken().isScalarValue()) {
          metadata.put(key, json.getText());
        } else {
          json.skipChildren();
        }
      }
    }
  }

  private ShardedSafetensors(Path path, Collection<SafetensorsContents> parts,
      Map<String, StoredTensor> tensors, Map<String, String> metadata, QuantizationConfig configured) {
    super(path, parts, tensors, metadata, configured);
  }

  /** The file of that name, where it may be read. */
  private static Path shard(String name, Path folder, Path linked) {
    try {
      Path file = Path.of(name);
      if (name.isEmpty() || name.indexOf('/') >= 0 || name.indexOf('\\') >= 0 || name.equals("..")
          || name.equals(".") || file.isAbsolute() || file.getNameCount() != 1) {
        throw new MalformedFileException(
            "weight_map: expected names of files in the folder of the index, got \"" + name + "\"");
      }
      Path real = folder.resolve(file).toRealPath();
      if (!real.startsWith(folder) && !linked.equals(real.getParent())) {
        throw new MalformedFileException("weight_map: \"" + name + "\" is a link out of the folder");
      }
      if (!Files.isRegularFile(real)) {
        throw new MalformedFileException("weight_map: \"" + name + "\" is no file");
      }
      return real;
    } catch (NoSuchFileException | InvalidPathException e) {
      throw new MalformedFileException("weight_map: there is no file \"" + name + "\"", e);
    } catch (IOException e) {
      throw FileError.reading(folder.resolve(name), e);
    }
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
      FileError.requireFile(index);
      if (Files.size(index) > JsonText.MAX_BYTES) {
        throw new MalformedFileException(
            "expected an index of at most " + JsonText.MAX_BYTES + " bytes, got " + Files.size(index));
      }
      return of(Files.readAllBytes(index), index, index.toAbsolutePath().getParent().toRealPath(),
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
    Index read = Index.parse(index);
    Map<String, SafetensorsContents> parts = new LinkedHashMap<>();
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    try {
      read.files().forEach((name, file) -> {
        SafetensorsContents part = parts.computeIfAbsent(file,
            f -> SafetensorsContents.open(shard(f, folder, linked)));
        if (!part.tensors().containsKey(name)) {
          throw new MalformedFileException(
              "weight_map: tensor " + name + " is not in \"" + file + "\", which has "
                  + part.tensors().size());
        }
        tensors.put(name, part.tensors().get(name));
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
    List<Path> indices = indices(folder);
    if (indices.size() != 1) {
      throw new MalformedFileException("expected one *.safetensors.index.json in the folder, got "
          + (indices.isEmpty() ? "none" : indices.stream().map(Path::getFileName).toList()));
    }
    return indices.getFirst();
  }

  /** Whether a path is named like an index. */
  static boolean isIndex(Path path) {
    return path.getFileName() != null && NAME.matcher(path.getFileName().toString()).matches();
  }

  /** Whether a folder has an index, or several. */
  static boolean isIn(Path folder) {
    return !indices(folder).isEmpty();
  }

  private static List<Path> indices(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(ShardedSafetensors::isIndex).sorted().toList();
    } catch (IOException e) {
      throw FileError.reading(folder, e);
    }
  }

  @Override
  public String format() {
    return "sharded safetensors";
  }
}
