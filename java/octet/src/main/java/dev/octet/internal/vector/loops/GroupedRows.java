package dev.octet.internal.vector.loops;

/**
 * Rows of floats, {@link ProductLoops#STRIDE} apart, each group of which has a scale and a sum; for one
 * thread at a time.
 */
public final class GroupedRows {
  /** The smallest group that has a scale. */
  private static final int LEAST_GROUP = 16;
  /** The most groups of a row, and scales from one row to the next. */
  public static final int GROUPS = ProductLoops.DEPTH / LEAST_GROUP;

  private final float[] values;
  private final float[] scales;
  private final float[] sums;
  private int groupSize = LEAST_GROUP;

  /**
   * Over memory of rows.
   *
   * @param values the rows
   * @param rows how many there may be
   */
  public GroupedRows(float[] values, int rows) {
    this.values = values;
    this.scales = new float[rows * GROUPS];
    this.sums = new float[rows * GROUPS];
  }

  /** Heap of scales and sums of so many rows. */
  public static long heap(int rows) {
    return 8L * rows * GROUPS;
  }

  /** Sets how many elements share a scale. */
  public void groupSize(int size) {
    this.groupSize = size;
  }

  /** Elements that share a scale. */
  public int groupSize() {
    return groupSize;
  }

  /** The elements. */
  public float[] values() {
    return values;
  }

  /** Of the groups, those of a row {@link #GROUPS} after those of the row before. */
  public float[] scales() {
    return scales;
  }

  /** Scales times sums of groups, likewise; only looked at where weights have minimums. */
  public float[] sums() {
    return sums;
  }
}
