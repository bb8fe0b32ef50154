package dev.octet.cli;

import dev.octet.quantize.file.GgufFile;
import dev.octet.quantize.file.GgufTensor;
import dev.octet.quantize.file.GgufType;
import dev.octet.quantize.file.GgufValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What {@code octet inspect} says of a GGUF file: its metadata, and its tensors with their types. */
final class GgufInspection {
  /** Elements of an array that are shown; of a longer one type and length are. */
  private static final int MOST_ELEMENTS = 16;
  /** Characters of a value in a table. */
  private static final int MOST_CHARACTERS = 60;

  private final Screen screen;

  GgufInspection(Screen screen) {
    this.screen = screen;
  }

  /** Says what is in a file. */
  void inspect(Path path) {
    try (GgufFile file = GgufFile.open(path)) {
      long bytes = 0;
      List<List<String>> rows = new ArrayList<>();
      List<Map<String, Object>> tensors = new ArrayList<>();
      Map<String, Long> types = new LinkedHashMap<>();
      for (GgufTensor tensor : file.tensors()) {
        rows.add(List.of(tensor.name(), tensor.typeName(), tensor.shape().toString(),
            Screen.bytes(tensor.data().byteSize()), bits(tensor.type())));
        tensors.add(json(tensor));
        types.merge(tensor.typeName(), 1L, Long::sum);
        bytes += tensor.data().byteSize();
      }
      int files = file.files().size();
      screen.say("GGUF, version %d, %s%d tensors, %s%s".formatted(file.version(),
          files == 1 ? "" : files + " files, ", rows.size(), Screen.bytes(bytes), types.entrySet().stream()
              .map(type -> ", " + type.getValue() + " " + type.getKey()).collect(Collectors.joining())));
      screen.table(List.of("metadata", "value"),
          file.values().entrySet().stream().map(e -> List.of(e.getKey(), text(e.getValue()))).toList());
      screen.say("");
      screen.table(List.of("tensor", "type", "shape", "size", "bits per weight"), rows);
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("format", "GGUF");
      all.put("version", file.version());
      all.put("files", file.files().stream().map(Path::toString).toList());
      all.put("bytes", bytes);
      all.put("types", types);
      Map<String, Object> metadata = new LinkedHashMap<>();
      file.values().forEach((key, value) -> metadata.put(key, json(value)));
      all.put("metadata", metadata);
      all.put("tensors", tensors);
      screen.json(all);
    }
  }

  private static String bits(GgufType type) {
    return type == GgufType.OTHER ? "not known" : String.format(Locale.ROOT, "%.4g", bitsPerWeight(type));
  }

  private static double bitsPerWeight(GgufType type) {
    return 8.0 * type.bytes() / type.elements();
  }

  private static Map<String, Object> json(GgufTensor tensor) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("name", tensor.name());
    row.put("type", tensor.typeName());
    row.put("shape", tensor.shape().toArray());
    row.put("bytes", tensor.data().byteSize());
    row.put("bitsPerWeight", tensor.type() == GgufType.OTHER ? null : bitsPerWeight(tensor.type()));
    row.put("readable", tensor.isReadable());
    return row;
  }

  private static boolean isLong(GgufValue value) {
    return value.value() instanceof List<?> list && list.size() > MOST_ELEMENTS;
  }

  private static Object json(GgufValue value) {
    return isLong(value) ? value.toString() : value.value();
  }

  private static String text(GgufValue value) {
    String text = isLong(value) ? value.toString() : value.value().toString();
    return text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS - 3) + "...";
  }
}
