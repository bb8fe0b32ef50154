package dev.octet.spark;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Embeds the rows of a partition, a batch at a time and not before Spark asks for it.
 *
 * @param spec the model
 * @param batchTokens the most of a batch
 * @param maxTokens the most of a text
 * @param badRows what becomes of bad rows
 * @param text the index of the column of texts
 * @param key the index of the column that names rows, -1: their places do
 * @param counters count
 */
record EmbeddingTask(EmbeddingSpec spec, int batchTokens, int maxTokens, BadRows badRows, int text, int key,
    SparkCounters counters) implements Serializable {
  Iterator<Row> embed(Iterator<Row> rows) {
    return rows.hasNext()
        ? new Batches(rows, ExecutorModels.of(spec, TaskContext.get().cpus()))
        : rows; // and no model
  }

  /** A row, and the tokens of its text; 0 of a bad one. */
  private record Pending(Row row, int tokens) {}

  /** The rows with their vectors. */
  private final class Batches implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final ExecutorModels.Prepared prepared;
    private final Deque<Row> ready = new ArrayDeque<>();
    /** Read ahead: what did not fit the last batch. Null where there is none. */
    private Pending ahead;
    private long place;

    Batches(Iterator<Row> rows, ExecutorModels.Prepared prepared) {
      this.rows = rows;
      this.prepared = prepared;
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
        embedBatch(batch());
      }
      return ready.remove();
    }

    private List<Pending> batch() {
      List<Pending> batch = new ArrayList<>();
      long tokens = 0;
      while (ahead != null || rows.hasNext()) {
        if (ahead == null) {
          ahead = pending(rows.next());
        }
        tokens += Math.max(1, ahead.tokens); // bad rows end a batch some time too
        if (tokens > batchTokens && !batch.isEmpty()) {
          break;
        }
        batch.add(ahead);
        ahead = null;
      }
      return batch;
    }

    private Pending pending(Row row) {
      String value = row.getString(text);
      int tokens = value == null ? 0 : prepared.model().countTokens(value);
      if (tokens < 1 || tokens > maxTokens) {
        refuse(row, "expected a text of "
            + (maxTokens == Integer.MAX_VALUE ? "at least a token" : "1 to " + maxTokens + " tokens")
            + ", got "
            + (value == null ? "null" : tokens + " tokens in " + value.length() + " characters"));
        tokens = 0;
      }
      place++;
      return new Pending(row, tokens);
    }

    private void refuse(Row row, String message) {
      if (badRows == BadRows.FAIL) {
        throw new IllegalArgumentException("row "
            + (key < 0 ? place + " of partition " + TaskContext.getPartitionId() : row.get(key)) + ": "
            + message);
      }
      counters.addBad();
    }

    private void embedBatch(List<Pending> batch) {
      List<TextSegment> texts = batch.stream().filter(pending -> pending.tokens > 0)
          .map(pending -> TextSegment.from(pending.row.getString(text))).toList();
      Iterator<Embedding> vectors = prepared.model().embedAll(texts).content().iterator();
      long tokens = 0;
      for (Pending pending : batch) {
        ready.add(with(pending.row, pending.tokens > 0 ? vectors.next().vector() : null));
        tokens += pending.tokens;
      }
      counters.add(texts.size(), tokens, SparkEnv.get().executorId(), prepared.engine());
    }

    private static Row with(Row row, float[] vector) {
      Object[] values = new Object[row.size() + 1];
      for (int i = 0; i < row.size(); i++) {
        values[i] = row.get(i);
      }
      values[row.size()] = vector;
      return RowFactory.create(values);
    }
  }
}
