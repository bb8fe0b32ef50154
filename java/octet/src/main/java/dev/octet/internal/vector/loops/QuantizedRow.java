package dev.octet.internal.vector.loops;

import java.util.Arrays;

/** A row of floats that became symmetric S8, each group of it with a scale; for one thread at a time. */
public final class QuantizedRow {
  private int groupSize = 1;
  private short[] values = {};
  private float[] scales = {};
  private int[] sums = {};
  private float[] scaledSums = {};

  /** Without elements. */
  public QuantizedRow() {}

  /**
   * Makes room.
   *
   * @param k elements
   * @param size elements that share a scale
   */
  public void begin(int k, int size) {
    this.groupSize = size;
    int depth = GroupedPanel.depth(k);
    if (values.length < depth) {
      values = Arrays.copyOf(values, depth);
    }
    int groups = Math.ceilDiv(k, size);
    if (scales.length < groups) {
      scales = Arrays.copyOf(scales, groups);
      sums = Arrays.copyOf(sums, groups);
      scaledSums = Arrays.copyOf(scaledSums, groups);
    }
  }

  /**
   * Sets a group.
   *
   * @param group its number
   * @param scale its scale
   * @param integers its elements, integers of -127 to 127
   * @param at the first of them
   * @param count how many; the group's size, or less in the last group
   */
  public void group(int group, float scale, float[] integers, int at, int count) {
    int sum = 0;
    int to = group * groupSize;
    for (int i = 0; i < count; i++) {
      int integer = (int) integers[at + i];
      values[to + i] = (short) integer;
      sum += integer;
    }
    scales[group] = scale;
    sums[group] = sum;
    scaledSums[group] = scale * sum;
  }

  /** Elements that share a scale. */
  public int groupSize() {
    return groupSize;
  }

  /** The integers; behind them, where panels have zeros, there may be any. */
  public short[] values() {
    return values;
  }

  /** Of groups. */
  public float[] scales() {
    return scales;
  }

  /** Of the integers of groups. */
  public int[] sums() {
    return sums;
  }

  /** Scales times sums. */
  public float[] scaledSums() {
    return scaledSums;
  }

  /** Heap of a row of so many elements, in groups of so many. */
  public static long heap(int k, int size) {
    return 2L * GroupedPanel.depth(k) + 12L * Math.ceilDiv(k, size);
  }
}
