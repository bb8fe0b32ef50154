package dev.octet.onednn;

/**
 * The numbers of rows that primitives are compiled for: 1 to 8, then four in each octave. oneDNN compiles a
 * primitive for one number of rows (0.3 ms), and sequences come in any length; so rows are rounded up to the
 * next of these, the rows too many hold what they hold, and an op never has more primitives than there are
 * numbers. Where many rows would be wasted, the last ones are multiplied apart ({@link #part}): 196x1024x256
 * as 192 and 4 rows took 0.81 of the time of 224 rows.
 */
final class RowCounts {
  private static final int OCTAVE = 4;
  /** Fewer rows than this stay together: a call more costs more than they do. */
  private static final int FEWEST_PARTED = 32;
  /** One wasted row in so many is too many. */
  private static final int WASTE = 12;

  private RowCounts() {}

  /** The index of the smallest number that is at least rows; rows is at least 1. */
  static int index(int rows) {
    if (rows <= 2 * OCTAVE) {
      return rows - 1;
    }
    int octave = 31 - Integer.numberOfLeadingZeros(rows - 1);
    int step = 1 << (octave - 2);
    return OCTAVE * (octave - 1) + (rows - 1 - (1 << octave)) / step;
  }

  /** The number at an index. */
  static int rows(int index) {
    if (index < 2 * OCTAVE) {
      return index + 1;
    }
    int octave = index / OCTAVE + 1;
    return (1 << octave) + ((index % OCTAVE + 1) << (octave - 2));
  }

  /** How many of some rows are multiplied together; the others come after. */
  static int part(int rows) {
    int index = index(rows);
    boolean together = rows < FEWEST_PARTED || (rows(index) - rows) * WASTE < rows;
    return together ? rows : rows(index - 1);
  }
}
