package dev.octet.spark;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * The rows of a partition with new columns, computed a batch at a time and not before Spark asks for it.
 *
 * @param <T> what the model takes of a row
 */
final class RowBatches<T> implements Iterator<Row> {
  private final Iterator<Row> rows;
  private final RowModel<T> model;
  private final int batchSize;
  private final RowPolicy policy;
  private final Deque<Row> ready = new ArrayDeque<>();
  /** Read ahead: what did not fit the last batch. Null where there is none. */
  private Pending<T> ahead;
  private long place;

  /** A row, and what was read of it; null of a bad one. */
  private record Pending<T>(Row row, T item) {}

  /**
   * Rows with new columns.
   *
   * @param rows of the partition
   * @param model computes the columns
   * @param batchSize the most that a batch of several rows has
   * @param policy for bad rows
   */
  RowBatches(Iterator<Row> rows, RowModel<T> model, int batchSize, RowPolicy policy) {
    this.rows = rows;
    this.model = model;
    this.batchSize = batchSize;
    this.policy = policy;
  }

  @Override
  public boolean hasNext() {
    return !ready.isEmpty() || ahead != null || rows.hasNext();
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    if (ready.isEmpty()) {
      run(batch());
    }
    return ready.remove();
  }

  private List<Pending<T>> batch() {
    List<Pending<T>> batch = new ArrayList<>();
    long size = 0;
    while (ahead != null || rows.hasNext()) {
      if (ahead == null) {
        ahead = pending(rows.next());
      }
      size += ahead.item == null ? 1 : model.size(ahead.item); // bad rows end a batch some time too
      if (size > batchSize && !batch.isEmpty()) {
        break;
      }
      batch.add(ahead);
      ahead = null;
    }
    return batch;
  }

  private Pending<T> pending(Row row) {
    T item = null;
    try {
      item = model.read(row);
    } catch (BadRowException e) {
      policy.refuse(row, place, e.getMessage());
    }
    place++;
    return new Pending<>(row, item);
  }

  private void run(List<Pending<T>> batch) {
    List<T> items = batch.stream().map(Pending::item).filter(Objects::nonNull).toList();
    Iterator<float[][]> results = (items.isEmpty() ? List.<float[][]>of() : model.run(items)).iterator();
    long tokens = 0;
    for (Pending<T> pending : batch) {
      ready.add(with(pending.row, pending.item != null ? results.next() : new float[model.columns()][]));
      tokens += pending.item == null ? 0 : model.tokens(pending.item);
    }
    policy.counters().add(items.size(), tokens, SparkEnv.get().executorId(), model.engine());
  }

  private static Row with(Row row, float[][] columns) {
    Object[] values = new Object[row.size() + columns.length];
    for (int i = 0; i < row.size(); i++) {
      values[i] = row.get(i);
    }
    System.arraycopy(columns, 0, values, row.size(), columns.length);
    return RowFactory.create(values);
  }
}
