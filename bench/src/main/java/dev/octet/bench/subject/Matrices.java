package dev.octet.bench.subject;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** Orders of elements in memory: NCHW and NHWC, OIHW and OHWI. */
public final class Matrices {
  private Matrices() {}

  /**
   * Swaps rows and columns of each matrix.
   *
   * @param from the matrices
   * @param to takes them with rows and columns swapped
   * @param bytes of an element, 1 or 4
   * @param matrices how many there are
   * @param rows rows of each in from
   * @param columns columns of each in from
   */
  public static void transpose(MemorySegment from, MemorySegment to, int bytes, int matrices, int rows,
      int columns) {
    for (int matrix = 0; matrix < matrices; matrix++) {
      long base = (long) matrix * rows * columns * bytes;
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          long source = base + ((long) row * columns + column) * bytes;
          long target = base + ((long) column * rows + row) * bytes;
          if (bytes == 1) {
            to.set(JAVA_BYTE, target, from.get(JAVA_BYTE, source));
          } else {
            to.set(JAVA_FLOAT_UNALIGNED, target, from.get(JAVA_FLOAT_UNALIGNED, source));
          }
        }
      }
    }
  }
}
