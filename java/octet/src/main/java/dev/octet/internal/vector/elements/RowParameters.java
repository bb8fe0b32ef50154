package dev.octet.internal.vector.elements;

import dev.octet.DataType;
import dev.octet.engine.Numbers;
import dev.octet.internal.call.StatePool;
import dev.octet.internal.vector.common.Elements;
import dev.octet.internal.vector.loops.ElementLoops;
import dev.octet.internal.vector.loops.Target;

/**
 * Scales and zero points of rows that are quantized on the fly, by any number of threads; one object serves
 * one call after the other.
 */
final class RowParameters extends StatePool.State {
  private static final int POSITIVE_INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);
  private static final int NEGATIVE_INFINITY = ElementLoops
      .ordered(Float.floatToRawIntBits(Float.NEGATIVE_INFINITY));
  /** By zero point. */
  private static final Target[] TARGETS = new Target[256];

  static {
    for (int zeroPoint = 0; zeroPoint < TARGETS.length; zeroPoint++) {
      TARGETS[zeroPoint] = new Target(zeroPoint, 0, 255);
    }
  }

  /** Elements of a row. */
  long columns;
  float[] scales = new float[0];
  int[] zeroPoints = new int[0];
  private int least;
  private int most;

  /** For a call of so many rows. */
  void begin(int rows, long columns) {
    this.columns = columns;
    this.least = 0;
    this.most = 0;
    if (scales.length < rows) {
      scales = new float[rows];
      zeroPoints = new int[rows];
    }
  }

  /** Widens the range of the one row. */
  synchronized void widen(long range) {
    least = Math.min(least, (int) (range >> 32));
    most = Math.max(most, (int) range);
  }

  /** The range of the one row. */
  synchronized long range() {
    return ((long) least << 32) | (most & 0xffffffffL);
  }

  /** Sets what a row has by the law, from its {@link ElementLoops#range}; a row with a NaN has scale NaN. */
  void set(int row, long range) {
    int low = (int) (range >> 32);
    int high = (int) range;
    boolean nan = low < NEGATIVE_INFINITY || high > POSITIVE_INFINITY;
    float min = Float.intBitsToFloat(ElementLoops.ordered(low));
    float max = Float.intBitsToFloat(ElementLoops.ordered(high));
    scales[row] = nan ? Float.NaN : Numbers.rangeScale(min, max, DataType.U8);
    zeroPoints[row] = Numbers.rangeZeroPoint(min, scales[row], DataType.U8);
  }

  /** Zero point and range of a row. */
  Target target(int row) {
    return TARGETS[zeroPoints[row]];
  }
}
