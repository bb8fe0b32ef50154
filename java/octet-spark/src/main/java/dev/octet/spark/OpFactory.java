package dev.octet.spark;

import dev.octet.Octet;
import java.io.Serializable;

/**
 * Prepares ops on executors, for {@link SparkModel#of(OpFactory)}; with lambdas, whose classes executors must
 * have.
 */
@FunctionalInterface
public interface OpFactory extends Serializable {
  /**
   * Prepares what computes a row. Called once in each executor JVM.
   *
   * @param octet of the JVM, with as many threads as a task has cores; stays open until the JVM ends
   * @return safe for use by multiple threads
   */
  RowFunction open(Octet octet);

  /** Computes a row; safe for use by multiple threads. */
  @FunctionalInterface
  interface RowFunction {
    /**
     * Computes a row.
     *
     * @param row finite numbers; not kept
     * @return the result, not null
     */
    float[] apply(float[] row);
  }
}
