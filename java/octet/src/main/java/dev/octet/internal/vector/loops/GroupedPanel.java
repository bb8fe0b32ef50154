package dev.octet.internal.vector.loops;

/**
 * A panel of columns of weights in groups along K, as {@link ProductLoops#multiplyRow} reads it.
 *
 * @param weights signed bytes {@code [K][columns]}; or, where there are zero points, unsigned halves, two
 *        rows in one byte, the first in the lower halves: {@code [K / 2][columns]}. K is a multiple of
 *        {@link #DEPTH}, reached with zeros
 * @param zeroPoints {@code [groups][columns]}, 0 to 16, or null
 * @param scales {@code [groups][columns]}
 * @param minimums {@code [groups][columns]}, or null
 * @param groupSize of the weights, a multiple of 16; with zero points that of the row
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose, never compared
public record GroupedPanel(byte[] weights, byte[] zeroPoints, float[] scales, float[] minimums,
    int groupSize) {
  /** Rows of a panel are a multiple of this. */
  public static final int DEPTH = 16;

  /** A number of rows, rounded up to what a panel has. */
  public static int depth(int k) {
    return Math.ceilDiv(k, DEPTH) * DEPTH;
  }
}
