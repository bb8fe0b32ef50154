package dev.octet.llama;

import dev.octet.op.DynamicMatMul;
import java.util.List;

/** Products of the same rows with one matrix or several; their results are the parts of a row. */
record Products(List<DynamicMatMul> parts) implements AutoCloseable {
  /** Multiplies the first rows. Allocates nothing. */
  void run(Rows x, Rows y, int rows) {
    for (int i = 0; i < parts.size(); i++) {
      parts.get(i).run(x.memory, x.width, y.part(i), y.width, rows);
    }
  }

  @Override
  public void close() {
    parts.forEach(DynamicMatMul::close);
  }
}
