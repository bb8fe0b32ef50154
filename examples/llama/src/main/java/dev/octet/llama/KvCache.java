package dev.octet.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Keys and values of the tokens of a sequence in a layer, {@code [head][position][feature]} in 8 bits with a
 * scale for each head of a token: nothing depends on what tokens came with it.
 */
final class KvCache {
  final MemorySegment keys;
  final MemorySegment values;
  /** {@code [head][position]}. */
  final float[] keyScales;
  final float[] valueScales;
  final int capacity;
  private final int headSize;
  private final byte[] head;

  KvCache(LlamaShape shape, int capacity, Arena arena) {
    this.capacity = capacity;
    this.headSize = shape.headSize();
    this.keys = arena.allocate((long) shape.keys() * capacity, 64);
    this.values = arena.allocate((long) shape.keys() * capacity, 64);
    this.keyScales = new float[shape.kvHeads() * capacity];
    this.valueScales = new float[shape.kvHeads() * capacity];
    this.head = new byte[headSize];
  }

  void putKey(float[] x, int from, int kvHead, int position) {
    put(x, from, kvHead * capacity + position, keys, keyScales);
  }

  void putValue(float[] x, int from, int kvHead, int position) {
    put(x, from, kvHead * capacity + position, values, valueScales);
  }

  private void put(float[] x, int from, int row, MemorySegment to, float[] scales) {
    scales[row] = Floats.quantize(x, from, headSize, head, 0);
    MemorySegment.copy(head, 0, to, ValueLayout.JAVA_BYTE, (long) row * headSize, headSize);
  }

  static long bytes(LlamaShape shape, int capacity) {
    return 2L * shape.layers() * capacity * (shape.keys() + (long) shape.kvHeads() * Float.BYTES);
  }
}
