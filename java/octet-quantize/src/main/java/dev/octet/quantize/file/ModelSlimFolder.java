package dev.octet.quantize.file;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.octet.quantize.json.JsonError;
import dev.octet.quantize.mapped.FileError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of a ModelSlim folder, and whether all of them are there: {@code quant_model_description*.json},
 * {@code quant_model_weight*.safetensors} and, where the weights are in several files, their
 * {@code quant_model_weight*.safetensors.index.json}.
 *
 * <p>
 * Every tensor that an index names must be in its file, and every tensor that the description names in one of
 * the files. Only FLOAT tensors that the description names and an index does not may be missing: the index
 * knows of embeddings that are tied to others and stored once. Other {@code *.safetensors} are refused unless
 * Octet wrote them, and so are several descriptions that differ, unless one of them is named.
 */
final class ModelSlimFolder implements AutoCloseable {
  /** The form of tensors that are not quantized. */
  static final String FLOAT = "FLOAT";
  private static final String PREFIX = "quant_model_description";
  private static final String WEIGHT = ".weight";
  /** The word that a form of tensors goes by. */
  static final Pattern FORM = Pattern.compile("[A-Z][A-Za-z0-9_.+-]*");
  private static final Pattern DESCRIPTION = Pattern.compile(PREFIX + ".*\\.json");
  private static final Pattern WEIGHTS = Pattern.compile("quant_model_weight.*\\.safetensors");
  /** Of a description; one of a model of 100,000 tensors has 10 MB. */
  private static final long MAX_DESCRIPTION = 100_000_000;

  private final Path folder;
  private final List<Path> texts = new ArrayList<>();
  private final Map<String, SafetensorsContents> parts = new LinkedHashMap<>();
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> description;

  /**
   * Maps the files.
   *
   * @param described the description
   * @param others further ones that must agree with it
   */
  private ModelSlimFolder(Path described, List<Path> others) throws IOException {
    this.folder = described.toAbsolutePath().getParent();
    this.description = description(described);
    texts.add(described);
    try {
      boolean indexed = false;
      for (Path file : entries(folder)) {
        String name = file.getFileName().toString();
        if (isWeights(file)) {
          parts.put(name, SafetensorsContents.open(file));
        } else if (isDescription(file) && !Files.isSameFile(file, described)) {
          texts.add(file);
        }
      }
      for (Path index : SafetensorsIndex.in(folder)) {
        if (index.getFileName().toString().startsWith("quant_model_weight")) {
          texts.add(index);
          requireAll(index);
          indexed = true;
        }
      }
      if (parts.isEmpty()) {
        throw new MalformedFileException(folder + ": expected quant_model_weight*.safetensors in the folder");
      }
      for (SafetensorsContents part : parts.values()) {
        for (StoredTensor tensor : part.tensors().values()) {
          if (tensors.put(tensor.name(), tensor) != null) {
            throw new MalformedFileException(folder + ": tensor " + tensor.name() + " is in two files");
          }
        }
      }
      for (Path other : others) {
        requireAgreement(described, other);
      }
      requireDescribed(described, indexed);
      requireNoOtherWeights();
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
    QuantizationConfig.in(folder).forEach(texts::add);
  }

  /**
   * Maps the files of a folder.
   *
   * @param path the description or the folder that it is in
   * @return the files, to be closed
   * @throws MalformedFileException if there is no such description, several contradict each other, a file is
   *         damaged or missing, or there are weights of no known part of the model
   * @throws java.io.UncheckedIOException if a file cannot be read
   */
  static ModelSlimFolder open(Path path) {
    try {
      if (!Files.isDirectory(path)) {
        return new ModelSlimFolder(path, List.of());
      }
      List<Path> all = descriptions(path);
      if (all.isEmpty()) {
        throw new MalformedFileException(path + ": expected " + PREFIX + "*.json in the folder");
      }
      return new ModelSlimFolder(all.getFirst(), all.subList(1, all.size()));
    } catch (IOException e) {
      throw FileError.reading(path, e);
    }
  }

  /** Whether a file is named like a description. */
  static boolean isDescription(Path path) {
    return path.getFileName() != null && DESCRIPTION.matcher(path.getFileName().toString()).matches();
  }

  /** Whether a file is named like weights of a folder. */
  static boolean isWeights(Path path) {
    return path.getFileName() != null && WEIGHTS.matcher(path.getFileName().toString()).matches();
  }

  /** Whether a folder has a description. */
  static boolean isIn(Path folder) {
    return !descriptions(folder).isEmpty();
  }

  private static List<Path> descriptions(Path folder) {
    try {
      return entries(folder).stream().filter(ModelSlimFolder::isDescription).toList();
    } catch (IOException e) {
      throw FileError.reading(folder, e);
    }
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }

  private static Map<String, String> description(Path file) throws IOException {
    FileError.requireFile(file);
    if (Files.size(file) > MAX_DESCRIPTION) {
      throw new MalformedFileException(file + ": expected a description of at most " + MAX_DESCRIPTION
          + " bytes, got " + Files.size(file));
    }
    byte[] text = Files.readAllBytes(file);
    Map<String, String> description = new LinkedHashMap<>();
    try (JsonParser json = new ObjectMapper().createParser(JsonText.reader(text))) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedFileException(file + ": expected a JSON object");
      }
      // Objects beside the names are settings of later versions, and may be what a name has too.
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        JsonNode value = json.readValueAsTree();
        if (description.put(name, value.isTextual() ? value.asText() : value.toString()) != null) {
          throw new MalformedFileException(file + ": " + name + " is there twice");
        }
      }
      return description;
    } catch (IOException e) {
      throw new MalformedFileException(file + ": no JSON in UTF-8: " + JsonError.text(e), e);
    }
  }

  /** Maps what an index names beside the files that are named like weights. */
  private void requireAll(Path index) throws IOException {
    try {
      Path linked = index.toRealPath().getParent();
      Path real = folder.toRealPath();
      SafetensorsIndex.parse(SafetensorsIndex.text(index)).files().forEach((name, file) -> {
        SafetensorsContents part = parts.computeIfAbsent(file,
            f -> SafetensorsContents.open(FilesBeside.find("weight_map", f, real, linked)));
        SafetensorsIndex.tensor(name, file, part);
      });
    } catch (MalformedFileException e) {
      throw new MalformedFileException(index + ": " + e.getMessage(), e);
    }
  }

  private void requireDescribed(Path described, boolean indexed) {
    List<String> missing = description.entrySet().stream()
        .filter(entry -> isTensor(entry.getKey(), entry.getValue()) && !tensors.containsKey(entry.getKey())
            && !(indexed && entry.getValue().equals(FLOAT)))
        .map(Map.Entry::getKey).toList();
    if (!missing.isEmpty()) {
      throw new MalformedFileException(described + ": the description names "
          + Names.some(missing) + ", and no quant_model_weight*.safetensors beside it has "
          + (missing.size() == 1 ? "this tensor" : "these tensors")
          + "; add the missing file, or remove names that are not part of the model from the description");
    }
  }

  /** Of two descriptions that differ, nobody said which holds. */
  private void requireAgreement(Path described, Path other) throws IOException {
    Map<String, String> theirs = description(other);
    Set<String> names = new LinkedHashSet<>(description.keySet());
    names.addAll(theirs.keySet());
    for (String name : names) {
      String here = description.get(name);
      String there = theirs.get(name);
      boolean tensor = name.endsWith(WEIGHT)
          || (tensors.containsKey(name) && here != null && there != null);
      if (tensor && !Objects.equals(here, there)) {
        throw new MalformedFileException(folder + ": two descriptions contradict each other: "
            + described.getFileName() + " says " + said(here) + " of " + name + ", " + other.getFileName()
            + " says " + said(there) + "; name the description to be read instead of the folder");
      }
    }
  }

  private static String said(String form) {
    return form == null ? "nothing" : form;
  }

  /** Refuses weights that would be lost: only files that Octet wrote are known to be none of the model. */
  private void requireNoOtherWeights() throws IOException {
    List<String> others = entries(folder).stream()
        .filter(file -> file.getFileName().toString().endsWith(".safetensors") && Files.isRegularFile(file))
        .filter(file -> !parts.containsKey(file.getFileName().toString()) && !isOutput(file))
        .map(file -> file.getFileName().toString()).toList();
    if (!others.isEmpty()) {
      throw new MalformedFileException(folder + ": expected no weights but quant_model_weight*.safetensors"
          + " and what their index names, there " + (others.size() == 1 ? "is " : "are ")
          + Names.some(others) + " too; move " + (others.size() == 1 ? "it" : "them")
          + " to another folder, and quantize by " + (others.size() == 1 ? "its name" : "their names")
          + " what is part of the model");
    }
  }

  private static boolean isOutput(Path file) {
    try (SafetensorsContents contents = SafetensorsContents.open(file)) {
      return contents.metadata().containsKey(StoredQuantization.KEY);
    } catch (MalformedFileException e) {
      return false;
    }
  }

  /** Tells tensors from settings: weights, and names of layers' parameters that have a form. */
  private static boolean isTensor(String name, String form) {
    return name.endsWith(WEIGHT) || (name.indexOf('.') > 0 && FORM.matcher(form).matches());
  }

  /** From names of tensors to their forms; settings are in it too. */
  Map<String, String> description() {
    return description;
  }

  /** By name, in the order of the files. */
  Map<String, StoredTensor> tensors() {
    return tensors;
  }

  /** The description that was opened, then all that belongs to the model beside it, and the weights. */
  List<Path> files() {
    return Stream.concat(texts.stream(), parts.values().stream().map(SafetensorsContents::path)).toList();
  }

  /** Refuses weights that were written to since they were mapped. */
  void requireUnchanged() {
    parts.values().forEach(SafetensorsContents::requireUnchanged);
  }

  @Override
  public void close() {
    parts.values().forEach(SafetensorsContents::close);
  }
}
