package dev.octet.onnx.internal.graph;

import java.lang.foreign.MemorySegment;

/**
 * Memory of one run at a time, that steps use while they run: arrays that C2 vectorizes loops over, and
 * native memory. Arrays grow and stay, so that runs of shapes that were seen before allocate none.
 */
public final class Scratch {
  private static final int ARRAYS = 11;

  private final float[][] floats = new float[ARRAYS][0];
  private int[] ints = new int[0];
  private byte[] bytes = new byte[0];
  private float[][] rows = new float[0][];
  private MemorySegment memory = MemorySegment.NULL;
  private MemorySegment[] parts = {};

  /**
   * An array.
   *
   * @param which different numbers are different arrays; below 11
   * @param length at least so long
   */
  public float[] floats(int which, int length) {
    if (floats[which].length < length) {
      floats[which] = new float[length];
    }
    return floats[which];
  }

  /** An array, at least so long. */
  public int[] ints(int length) {
    if (ints.length < length) {
      ints = new int[length];
    }
    return ints;
  }

  /** An array, at least so long. */
  public byte[] bytes(int length) {
    if (bytes.length < length) {
      bytes = new byte[length];
    }
    return bytes;
  }

  /** A number of arrays, each at least so long. */
  public float[][] rows(int count, int length) {
    if (rows.length < count || (count > 0 && rows[0].length < length)) {
      int longest = Math.max(length, rows.length == 0 ? 0 : rows[0].length);
      rows = new float[Math.max(count, rows.length)][longest];
    }
    return rows;
  }

  /** The native memory of the step that runs. */
  public MemorySegment memory() {
    return memory;
  }

  /** A part of it, as {@link Step#scratchCuts} says. */
  public MemorySegment part(int index) {
    return parts[index];
  }

  /** The parts of memory for a step. */
  public static MemorySegment[] parts(MemorySegment memory, Step step) {
    long[] cuts = step.scratchCuts();
    MemorySegment[] parts = new MemorySegment[cuts.length + 1];
    long from = 0;
    for (int i = 0; i < parts.length; i++) {
      long to = i < cuts.length ? cuts[i] : memory.byteSize();
      parts[i] = memory.asSlice(from, to - from);
      from = to;
    }
    return parts;
  }

  /** Gives the next step its native memory, and the parts of it. */
  public void memory(MemorySegment ofStep, MemorySegment... partsOfStep) {
    memory = ofStep;
    parts = partsOfStep;
  }
}
