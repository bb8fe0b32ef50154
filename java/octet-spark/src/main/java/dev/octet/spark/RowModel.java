package dev.octet.spark;

import dev.octet.Engine;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * Computes new columns of rows.
 *
 * @param <T> what it takes of a row
 */
interface RowModel<T> {
  /**
   * Reads a row.
   *
   * @throws BadRowException if the model cannot take it
   */
  T read(Row row) throws BadRowException;

  /** The number of tokens that are counted of what was read, 0 where there are none. */
  int tokens(T item);

  /** How much of a batch it takes. */
  int size(T item);

  /** The new columns of each row. */
  List<float[][]> run(List<T> items);

  /** How many columns are new. */
  int columns();

  /** The engine that it runs on. */
  Engine engine();
}
