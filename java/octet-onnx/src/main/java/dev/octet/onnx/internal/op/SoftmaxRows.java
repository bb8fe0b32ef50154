package dev.octet.onnx.internal.op;

import dev.octet.op.Quantize;
import dev.octet.op.Softmax;
import java.lang.foreign.MemorySegment;

/**
 * Softmax of rows, and 8-bit integers of its probabilities, some rows at a time: their floats stay in a
 * second cache.
 *
 * @param op of rows of floats
 * @param quantize makes the integers; null: the results are floats
 * @param columns of a row
 */
record SoftmaxRows(Softmax op, Quantize quantize, int columns) {
  /** Floats that are held at a time. */
  private static final int PART = 1 << 15;

  /** How many rows are held at a time. */
  int part(long rows) {
    return (int) Math.clamp(PART / Math.max(1, columns), 1, Math.max(1, rows));
  }

  /** Bytes that a run of some rows needs. */
  long scratchBytes(long rows) {
    return quantize == null ? 0 : 4L * part(rows) * columns;
  }

  /**
   * Computes rows.
   *
   * @param x scores, from the first row on
   * @param mask begins with a row that is added to each
   * @param y takes the results
   * @param first the row of y that the first result is
   * @param rows how many
   * @param memory of {@link #scratchBytes}
   */
  void run(MemorySegment x, MemorySegment mask, MemorySegment y, long first, long rows,
      MemorySegment memory) {
    if (quantize == null) {
      op.run(x, mask, Runs.from(4 * first * columns, y), rows, columns);
      return;
    }
    int part = part(rows);
    for (long done = 0; done < rows; done += part) {
      long count = Math.min(part, rows - done);
      long elements = count * columns;
      op.run(Runs.from(4 * done * columns, x), mask, memory, count, columns);
      quantize.run(memory, Runs.from((first + done) * columns, y), elements);
    }
  }
}
