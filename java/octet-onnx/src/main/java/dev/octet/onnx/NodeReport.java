package dev.octet.onnx;

import java.util.List;
import java.util.Objects;

/**
 * Says how a node of a prepared model runs.
 *
 * @param name the name of the node
 * @param operator what it computes: an operator of ONNX, or what a {@link Rewrite} makes
 * @param kernel what runs it: an engine's kernel as {@code native:...}, {@code java}, or {@code view} where
 *        no element moves
 * @param origins the nodes of the file that it does the work of, with their operators; itself where it is one
 */
public record NodeReport(String name, String operator, String kernel, List<String> origins) {
  /** Copies the list. */
  public NodeReport {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(operator, "operator");
    Objects.requireNonNull(kernel, "kernel");
    origins = List.copyOf(Objects.requireNonNull(origins, "origins"));
  }

  /** Returns one line. */
  @Override
  public String toString() {
    return operator + " " + name + ": " + kernel
        + (origins.size() > 1 ? ", for " + String.join(", ", origins) : "");
  }
}
