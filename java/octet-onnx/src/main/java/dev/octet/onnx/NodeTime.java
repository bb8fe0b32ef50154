package dev.octet.onnx;

import java.util.Locale;
import java.util.Objects;

/**
 * Says how long a node of a prepared model takes.
 *
 * @param node how it runs: its name, operator and kernel
 * @param medianMicros microseconds of elapsed time, the median of the timed runs; 0 where a run does nothing
 *        for it
 */
public record NodeTime(NodeReport node, double medianMicros) {
  /** Refuses null. */
  public NodeTime {
    Objects.requireNonNull(node, "node");
  }

  /** Returns one line. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.1f us, %s", medianMicros, node);
  }
}
