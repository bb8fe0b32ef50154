package dev.octet.harness.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the time of something goes: times of its parts, by sample. Shares are those within a sample, so that
 * a machine whose speed drifts moves no time from one part to another.
 */
public final class TimeShares {
  /** The unit of shares: a topic that has figures in it gets stacked bars. */
  public static final String UNIT = "%";

  private final List<Double> totals = new ArrayList<>();
  private final Map<String, List<Double>> shares = new LinkedHashMap<>();

  /**
   * Adds a sample.
   *
   * @param micros of every part, by name, the same names in each sample; the first one gives the order of the
   *        figures
   * @throws IllegalArgumentException if the parts are others than those of the first sample, or take no time
   */
  public void add(Map<String, Double> micros) {
    if (!totals.isEmpty() && !micros.keySet().equals(shares.keySet())) {
      throw new IllegalArgumentException("expected times of " + shares.keySet() + ", got " + micros.keySet());
    }
    double total = micros.values().stream().mapToDouble(Double::doubleValue).sum();
    if (!(total > 0)) {
      throw new IllegalArgumentException("expected parts that take time, got " + micros);
    }
    totals.add(total);
    micros.forEach((part, time) -> shares.computeIfAbsent(part, name -> new ArrayList<>())
        .add(100 * time / total));
  }

  /** The figures, the total in milliseconds first. */
  public List<Figure> figures(String topic, String subject, String peer) {
    List<Figure> figures = new ArrayList<>();
    figures.add(Figure.of(topic, subject, peer, "all", "ms",
        totals.stream().mapToDouble(micros -> micros * 1e-3).toArray()));
    shares.forEach((part, values) -> figures.add(Figure.of(topic, subject, peer, part, UNIT,
        values.stream().mapToDouble(Double::doubleValue).toArray())));
    return figures;
  }
}
