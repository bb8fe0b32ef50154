package dev.octet.spark;

import dev.octet.Engine;
import java.io.Serializable;
import java.util.Objects;
import java.util.SortedMap;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;

/**
 * Counts what tasks have done, as accumulators: they are shown in Spark's UI, beside the stages and tasks
 * that add to them. A task that fails adds nothing; rows that are computed again, as after an executor is
 * lost, are counted again.
 */
public final class SparkCounters implements Serializable {
  private static final long serialVersionUID = 1L;

  private final LongAccumulator rows;
  private final LongAccumulator tokens;
  private final LongAccumulator badRows;
  private final EngineRows engines;

  private SparkCounters(SparkContext context) {
    this.rows = context.longAccumulator("octet rows");
    this.tokens = context.longAccumulator("octet tokens");
    this.badRows = context.longAccumulator("octet bad rows");
    this.engines = new EngineRows();
    context.register(engines, "octet engines");
  }

  /**
   * Registers counters that have counted nothing.
   *
   * @param spark whose tasks count
   * @return the counters
   */
  public static SparkCounters register(SparkSession spark) {
    Objects.requireNonNull(spark, "spark");
    return new SparkCounters(spark.sparkContext());
  }

  /** Counts a batch. */
  void add(long newRows, long newTokens, String executor, Engine engine) {
    rows.add(newRows);
    tokens.add(newTokens);
    engines.add(executor + ": " + engine, newRows);
  }

  /** Counts a bad row. */
  void addBad() {
    badRows.add(1);
  }

  /**
   * Returns the number of rows that have a result.
   *
   * @return so far
   */
  public long rows() {
    return rows.value();
  }

  /**
   * Returns the number of tokens of these rows.
   *
   * @return so far
   */
  public long tokens() {
    return tokens.value();
  }

  /**
   * Returns the number of rows whose result is null because the model cannot take them.
   *
   * @return so far
   */
  public long badRows() {
    return badRows.value();
  }

  /**
   * Returns the number of rows of each executor and engine: where native code does not load, an executor runs
   * VECTOR, with the same integers.
   *
   * @return from {@code EXECUTOR: ENGINE}, such as {@code 1: NATIVE}, to rows so far; a copy
   */
  public SortedMap<String, Long> engines() {
    return engines.value();
  }

  /** Returns all counters as text. */
  @Override
  public String toString() {
    return rows() + " rows, " + tokens() + " tokens, " + badRows() + " bad rows, " + engines();
  }
}
