package dev.octet.engine;

/**
 * Where two operands lie that are broadcast to one dense result: rows of columns, and parts of rows. Within a
 * row an operand goes on element by element or repeats one; its rows follow each other or are one and the
 * same; a part begins anywhere. Immutable.
 */
public final class PairLayout {
  private final long columns;
  private final long rows;
  private final long parts;
  private final int leftStep;
  private final int rightStep;
  private final long leftRow;
  private final long rightRow;
  /** Of each axis outside of a part, innermost first. */
  private final long[] lengths;
  private final long[] leftOuter;
  private final long[] rightOuter;

  /**
   * Of axes that are in no order of the other ones, innermost first.
   *
   * @param axes their number
   * @param lengths the length of each, above 1
   * @param leftSteps elements of the left operand from one index to the next, 0 where it is repeated
   * @param rightSteps likewise
   */
  public PairLayout(int axes, long[] lengths, long[] leftSteps, long[] rightSteps) {
    this.columns = axes > 0 ? lengths[0] : 1;
    this.leftStep = axes > 0 ? (int) leftSteps[0] : 1;
    this.rightStep = axes > 0 ? (int) rightSteps[0] : 1;
    this.rows = axes > 1 ? lengths[1] : 1;
    this.leftRow = axes > 1 ? leftSteps[1] : 0;
    this.rightRow = axes > 1 ? rightSteps[1] : 0;
    int outer = Math.max(0, axes - 2);
    this.lengths = new long[outer];
    this.leftOuter = new long[outer];
    this.rightOuter = new long[outer];
    long product = 1;
    for (int axis = 0; axis < outer; axis++) {
      this.lengths[axis] = lengths[axis + 2];
      this.leftOuter[axis] = leftSteps[axis + 2];
      this.rightOuter[axis] = rightSteps[axis + 2];
      product *= lengths[axis + 2];
    }
    this.parts = product;
  }

  /** Elements of a row. */
  public long columns() {
    return columns;
  }

  /** Rows of a part. */
  public long rows() {
    return rows;
  }

  /** The number of parts. */
  public long parts() {
    return parts;
  }

  /** 1, or 0 where the left operand has one element for a row. */
  public int leftStep() {
    return leftStep;
  }

  /** 1, or 0 where the right operand has one element for a row. */
  public int rightStep() {
    return rightStep;
  }

  /** Elements of the left operand from row to row; 0 where it has one row for a part. */
  public long leftRow() {
    return leftRow;
  }

  /** Elements of the right operand from row to row; 0 where it has one row for a part. */
  public long rightRow() {
    return rightRow;
  }

  /** The first element of the left operand in a part. */
  public long leftPart(long part) {
    return first(part, leftOuter);
  }

  /** The first element of the right operand in a part. */
  public long rightPart(long part) {
    return first(part, rightOuter);
  }

  private long first(long part, long[] steps) {
    long rest = part;
    long first = 0;
    for (int axis = 0; axis < lengths.length; axis++) {
      first += rest % lengths[axis] * steps[axis];
      rest /= lengths[axis];
    }
    return first;
  }
}
