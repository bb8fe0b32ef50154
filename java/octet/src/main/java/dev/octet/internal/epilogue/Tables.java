package dev.octet.internal.epilogue;

/**
 * What the columns of an epilogue bring, one entry a column; null where an epilogue has no such thing. Loops
 * read tables from entry 0 on and never at an offset that they do not know, because C2 does not vectorize a
 * loop whose accesses differ by a variable (12 to 27 times slower, measured): a panel of columns is copied to
 * the front of tables of its own.
 */
final class Tables {
  private static final Tables NONE = new Tables();

  /** Bias and what compensation is the same for all rows. */
  int[] terms;
  /** T[c], multiplied by what a row brings; null where that is the same for all rows. */
  int[] centredSums;
  /** W[c], multiplied by the sum of a row; null where all are 0. */
  int[] weightZeroPoints;
  /** What an accumulator is multiplied by, without the row's scale; null with S32 output. */
  float[] multipliers;
  /** Added after scaling; null: none. */
  float[] floatBias;
  /** See {@link Saturation}; null: clamp after rounding. */
  int[] low;
  int[] high;

  /** Counts refills, so that copies of panels are not taken for what is here now. */
  private int version;
  private Tables owner;
  private int ownerVersion;
  private int first;
  private int width;
  private int repeats;

  Tables() {}

  /** The same arrays. */
  Tables(Tables other) {
    terms = other.terms;
    centredSums = other.centredSums;
    weightZeroPoints = other.weightZeroPoints;
    multipliers = other.multipliers;
    floatBias = other.floatBias;
    low = other.low;
    high = other.high;
  }

  /** Says that entries have changed. */
  void changed() {
    version++;
  }

  /** Another one after {@link #changed}. */
  int version() {
    return version;
  }

  /** Entries in all tables. */
  long entries() {
    return length(terms) + length(centredSums) + length(weightZeroPoints) + length(low) + length(high)
        + (multipliers == null ? 0 : multipliers.length) + (floatBias == null ? 0 : floatBias.length);
  }

  private static long length(int[] table) {
    return table == null ? 0 : table.length;
  }

  /**
   * Takes over columns of other tables, several times behind each other; nothing to do for arrays whose
   * columns are here already.
   */
  void hold(Tables all, int c, int count, int times) {
    boolean panel = owner != null && first == c && width == count && repeats >= times;
    if (panel && owner == all && ownerVersion == all.version) {
      return;
    }
    // Arrays may be shared by tables, but not if they change: then only their owner knows when.
    Tables held = panel && ownerVersion == 0 && all.version == 0 ? owner : NONE;
    owner = all;
    ownerVersion = all.version;
    first = c;
    width = count;
    repeats = times;
    terms = copy(all.terms, held.terms, c, terms, count, times);
    centredSums = copy(all.centredSums, held.centredSums, c, centredSums, count, times);
    weightZeroPoints = copy(all.weightZeroPoints, held.weightZeroPoints, c, weightZeroPoints, count, times);
    multipliers = copy(all.multipliers, held.multipliers, c, multipliers, count, times);
    floatBias = copy(all.floatBias, held.floatBias, c, floatBias, count, times);
    low = copy(all.low, held.low, c, low, count, times);
    high = copy(all.high, held.high, c, high, count, times);
  }

  /** The array stays for other panels where this one needs none. */
  @SuppressWarnings("ReferenceEquality") // the very array, not an equal one
  private static int[] copy(int[] src, int[] held, int c, int[] kept, int count, int times) {
    if (src == null || src == held) {
      return kept;
    }
    int[] dst = kept == null ? new int[Staging.CHUNK] : kept;
    for (int i = 0; i < times; i++) {
      System.arraycopy(src, c, dst, i * count, count);
    }
    return dst;
  }

  @SuppressWarnings("ReferenceEquality") // the very array, not an equal one
  private static float[] copy(float[] src, float[] held, int c, float[] kept, int count, int times) {
    if (src == null || src == held) {
      return kept;
    }
    float[] dst = kept == null ? new float[Staging.CHUNK] : kept;
    for (int i = 0; i < times; i++) {
      System.arraycopy(src, c, dst, i * count, count);
    }
    return dst;
  }
}
