package dev.octet.llama;

import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/** Rows of floats of tokens. A row has one part or several, next to each other. */
final class Rows {
  final float[] values;
  final int width;
  final MemorySegment memory;
  /** Where the first row of each part begins. */
  private final MemorySegment[] parts;

  Rows(int rows, int... parts) {
    this.width = IntStream.of(parts).sum();
    this.values = new float[Math.multiplyExact(rows, width)];
    this.memory = MemorySegment.ofArray(values);
    this.parts = new MemorySegment[parts.length];
    long at = 0;
    for (int i = 0; i < parts.length; i++) {
      this.parts[i] = memory.asSlice(at * Float.BYTES);
      at += parts[i];
    }
  }

  MemorySegment part(int index) {
    return parts[index];
  }
}
