package dev.octet.llama;

import java.lang.foreign.MemorySegment;

/** Dense rows of floats, one for each token. */
final class Rows {
  final float[] values;
  final int width;
  final MemorySegment memory;

  Rows(int rows, int width) {
    this.width = width;
    this.values = new float[Math.multiplyExact(rows, width)];
    this.memory = MemorySegment.ofArray(values);
  }
}
