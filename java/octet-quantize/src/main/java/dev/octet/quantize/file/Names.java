package dev.octet.quantize.file;

import java.util.Map;
import java.util.Objects;

/** Tensors by name. */
final class Names {
  private Names() {}

  /** The tensor of that name, or an exception that says so. */
  static StoredTensor require(Map<String, StoredTensor> tensors, String name) {
    Objects.requireNonNull(name, "name");
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "there is no tensor " + name + " in the file, which has " + tensors.size());
    }
    return tensor;
  }
}
