package dev.octet.onnx.internal.op;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Scratch;
import java.lang.foreign.MemorySegment;

/** Moves elements of 4 bytes from one order to another, in arrays. */
final class Matrices {
  /** Elements that are turned at a time. */
  private static final int PART = 1 << 14;

  private Matrices() {}

  /**
   * Transposes a dense matrix, some rows at a time.
   *
   * @param at the first element of it, and of the result
   */
  static void transpose(MemorySegment from, MemorySegment to, long at, int rows, int columns,
      Scratch scratch) {
    int most = Math.max(16, PART / columns);
    int[] part = scratch.ints(Math.multiplyExact(most, columns) + most);
    int column = most * columns;
    for (int first = 0; first < rows; first += most) {
      int count = Math.min(most, rows - first);
      MemorySegment.copy(from, Elements.INT, 4 * (at + (long) first * columns), part, 0, count * columns);
      for (int c = 0; c < columns; c++) {
        for (int i = 0; i < count; i++) {
          part[column + i] = part[i * columns + c];
        }
        MemorySegment.copy(part, column, to, Elements.INT, 4 * (at + (long) c * rows + first), count);
      }
    }
  }
}
