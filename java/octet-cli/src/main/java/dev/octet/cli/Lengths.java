package dev.octet.cli;

import dev.octet.onnx.value.Dimension;
import dev.octet.onnx.value.TensorInfo;
import java.util.List;
import java.util.Map;

/**
 * Lengths of dimensions that a model leaves open, as people give them.
 *
 * @param bySymbol by the name that the model has for them
 */
record Lengths(Map<String, Long> bySymbol) {
  /** The length of a dimension; null where nothing is said of it. */
  Long of(Dimension dim) {
    return bySymbol.get(dim.symbol());
  }

  /**
   * Checks that the model has them.
   *
   * @throws IllegalArgumentException naming one that it has not
   */
  void check(List<TensorInfo> infos) {
    for (String symbol : bySymbol.keySet()) {
      if (infos.stream().flatMap(info -> info.dimensions().stream()).flatMap(List::stream)
          .noneMatch(dim -> dim.symbol().equals(symbol))) {
        throw new IllegalArgumentException(
            "--dim: the model has no dimension " + symbol + ", it has " + infos);
      }
    }
  }
}
