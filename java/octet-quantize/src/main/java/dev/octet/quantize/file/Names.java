package dev.octet.quantize.file;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Names of tensors and of files. */
final class Names {
  /** Names in a message. */
  private static final int MOST = 5;

  private Names() {}

  /** Names for a message: the first few, and how many more there are. */
  static String some(List<String> names) {
    return String.join(", ", names.subList(0, Math.min(MOST, names.size())))
        + (names.size() > MOST ? " and " + (names.size() - MOST) + " more" : "");
  }

  /** The tensor of that name, or an exception that says so. */
  static <T> T require(Map<String, T> tensors, String name) {
    Objects.requireNonNull(name, "name");
    T tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "there is no tensor " + name + " in the file, which has " + tensors.size());
    }
    return tensor;
  }
}
