package dev.octet.internal.scalar;

import dev.octet.engine.TransposeKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The law of transposition: {@code dst[column][row] = src[row][column]}. */
final class ScalarTranspose implements TransposeKernel {
  @Override
  public String name() {
    return "scalar:transpose";
  }

  @Override
  public void run(MemorySegment src, MemorySegment dst, int batch, long rows, long columns) {
    for (long matrix = 0; matrix < batch; matrix++) {
      long base = matrix * rows * columns;
      for (long row = 0; row < rows; row++) {
        for (long column = 0; column < columns; column++) {
          byte q = src.get(ValueLayout.JAVA_BYTE, base + row * columns + column);
          dst.set(ValueLayout.JAVA_BYTE, base + column * rows + row, q);
        }
      }
    }
  }
}
