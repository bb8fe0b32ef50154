package dev.octet.spark;

import java.io.Serializable;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;

/**
 * What becomes of bad rows.
 *
 * @param badRows fail or give null
 * @param key the index of the column that names rows, -1: their places do
 * @param counters count
 */
record RowPolicy(BadRows badRows, int key, SparkCounters counters) implements Serializable {
  /**
   * Refuses a row.
   *
   * @param row the row
   * @param place in its partition
   * @param message what is wrong with it
   * @throws IllegalArgumentException with the name of the row, where bad rows fail
   */
  void refuse(Row row, long place, String message) {
    if (badRows == BadRows.FAIL) {
      throw new IllegalArgumentException("row "
          + (key < 0 ? place + " of partition " + TaskContext.getPartitionId() : row.get(key)) + ": "
          + message);
    }
    counters.addBad();
  }
}
