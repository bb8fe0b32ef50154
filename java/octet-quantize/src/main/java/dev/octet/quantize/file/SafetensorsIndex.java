package dev.octet.quantize.file;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.octet.quantize.json.JsonError;
import dev.octet.quantize.mapped.FileError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An index of safetensors files, {@code *.safetensors.index.json}, as it is written.
 *
 * @param metadata text and numbers, as text
 * @param files the file of each tensor, in the order of the index
 */
record SafetensorsIndex(Map<String, String> metadata, Map<String, String> files) {
  /** {@code .index.fp16.json} is that of a variant. */
  private static final Pattern NAME = Pattern.compile(".*\\.safetensors\\.index(\\.[^.]+)?\\.json");

  /** The number of a shard, between what all shards have in common. */
  private static final Pattern SHARD = Pattern
      .compile("(.*?)\\d+((-of-\\d+)?(\\.[A-Za-z0-9_]+)?\\.safetensors)");

  static SafetensorsIndex parse(byte[] text) {
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
      return new SafetensorsIndex(metadata, files);
    } catch (IOException e) {
      throw new MalformedFileException("the index: no JSON in UTF-8: " + JsonError.text(e), e);
    }
  }

  /** The text of an index. */
  static byte[] format(Map<String, String> files, long totalSize) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator json = JsonText.generator(text).useDefaultPrettyPrinter()) {
      json.writeStartObject();
      json.writeObjectFieldStart("metadata");
      json.writeNumberField("total_size", totalSize);
      json.writeEndObject();
      json.writeObjectFieldStart("weight_map");
      for (Map.Entry<String, String> file : files.entrySet()) {
        json.writeStringField(file.getKey(), file.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toByteArray();
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

  /** Whether a path is named like an index. */
  static boolean isIndex(Path path) {
    return path.getFileName() != null && NAME.matcher(path.getFileName().toString()).matches();
  }

  /** The indices of a folder, in the order of their names. */
  static List<Path> in(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(SafetensorsIndex::isIndex).sorted().toList();
    } catch (IOException e) {
      throw FileError.reading(folder, e);
    }
  }

  /**
   * Reads the text of an index.
   *
   * @throws MalformedFileException if it has more than 100 MB
   * @throws IllegalArgumentException if it is no file
   * @throws IOException if it cannot be read
   */
  static byte[] text(Path index) throws IOException {
    FileError.requireFile(index);
    if (Files.size(index) > JsonText.MAX_BYTES) {
      throw new MalformedFileException(
          "expected an index of at most " + JsonText.MAX_BYTES + " bytes, got " + Files.size(index));
    }
    return Files.readAllBytes(index);
  }

  /** Whether a file is numbered as one that the index names, {@code model-00003-of-00005.safetensors}. */
  boolean isNumberedAlike(String file) {
    String own = numbering(file);
    return own != null && files.values().stream().distinct().anyMatch(name -> own.equals(numbering(name)));
  }

  /** What the names of shards have in common; null of a name without a number. */
  private static String numbering(String file) {
    Matcher matcher = SHARD.matcher(file);
    // a slash is in no name of a file, so that the two halves stay apart
    return matcher.matches() ? matcher.group(1) + "/" + matcher.group(2) : null;
  }

  /**
   * Refuses files in a folder that are numbered as those that the index names, and that it does not name: the
   * index is incomplete, or they are left from another model.
   */
  void requireNoOtherShards(Path folder) {
    Set<String> numberings = new HashSet<>();
    Set<String> named = Set.copyOf(files.values());
    named.forEach(name -> numberings.add(numbering(name)));
    numberings.remove(null);
    if (numberings.isEmpty()) {
      return;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      List<String> others = entries.map(file -> file.getFileName().toString())
          .filter(name -> !named.contains(name) && numberings.contains(numbering(name))).sorted().toList();
      if (!others.isEmpty()) {
        throw new MalformedFileException("weight_map names no tensor of " + Names.some(others)
            + ", which " + (others.size() == 1 ? "is" : "are") + " numbered as the files that it names; "
            + "add the tensors to the index, or move what is not part of the model out of the folder");
      }
    } catch (IOException e) {
      throw FileError.reading(folder, e);
    }
  }

  /** The tensor that the index puts into a file. */
  static StoredTensor tensor(String name, String file, SafetensorsContents part) {
    StoredTensor tensor = part.tensors().get(name);
    if (tensor == null) {
      throw new MalformedFileException("weight_map: tensor " + name + " is not in \"" + file
          + "\", which has " + part.tensors().size());
    }
    return tensor;
  }
}
