package dev.octet.onnx;

import java.util.List;
import java.util.Objects;

/**
 * Says where the time of a model's runs goes.
 *
 * @param runs how many were timed, 1 or more
 * @param medianMicros microseconds of elapsed time of a run, their median. What is left beside the nodes are
 *        the two readings of the clock for each of them, and outputs that are copied at the end; medians of
 *        parts need not add up to the median of the whole
 * @param nodes all nodes of {@link PreparedOnnx#nodes()}, in that order, which is the order in which they run
 */
public record RunProfile(int runs, double medianMicros, List<NodeTime> nodes) {
  /** Copies the list. */
  public RunProfile {
    nodes = List.copyOf(Objects.requireNonNull(nodes, "nodes"));
  }

  /**
   * Adds up the medians of all nodes: what shares are shares of.
   *
   * @return microseconds
   */
  public double nodeMicros() {
    return nodes.stream().mapToDouble(NodeTime::medianMicros).sum();
  }
}
