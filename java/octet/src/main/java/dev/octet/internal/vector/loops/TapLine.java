package dev.octet.internal.vector.loops;

/**
 * A float for each element of a line, once for the pixel at its coordinate and once for the pixel behind.
 *
 * @param first of the pixel at the coordinate
 * @param second of the pixel behind
 */
public record TapLine(float[] first, float[] second) {
  /** A line of zeros. */
  public TapLine(int elements) {
    this(new float[elements], new float[elements]);
  }
}
