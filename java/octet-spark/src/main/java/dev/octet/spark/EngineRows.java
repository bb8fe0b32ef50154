package dev.octet.spark;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.util.AccumulatorV2;

/** Rows by executor and engine. */
final class EngineRows extends AccumulatorV2<Map.Entry<String, Long>, SortedMap<String, Long>> {
  private static final long serialVersionUID = 1L;

  private final TreeMap<String, Long> rows = new TreeMap<>();

  void add(String engine, long count) {
    add(Map.entry(engine, count));
  }

  @Override
  public synchronized boolean isZero() {
    return rows.isEmpty();
  }

  @Override
  public synchronized EngineRows copy() {
    EngineRows copy = new EngineRows();
    copy.rows.putAll(rows);
    return copy;
  }

  @Override
  public synchronized void reset() {
    rows.clear();
  }

  @Override
  public synchronized void add(Map.Entry<String, Long> entry) {
    rows.merge(entry.getKey(), entry.getValue(), Long::sum);
  }

  @Override
  public synchronized void merge(AccumulatorV2<Map.Entry<String, Long>, SortedMap<String, Long>> other) {
    other.value().forEach((engine, count) -> rows.merge(engine, count, Long::sum));
  }

  /** A copy: the UI reads while tasks of the driver's JVM add. */
  @Override
  public synchronized SortedMap<String, Long> value() {
    return new TreeMap<>(rows);
  }
}
