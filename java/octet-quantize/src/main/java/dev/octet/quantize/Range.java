package dev.octet.quantize;

/**
 * Holds a range of real numbers, both ends included.
 *
 * @param min the lower end
 * @param max the upper end
 */
public record Range(float min, float max) {
  /**
   * Checks that both ends are finite and in order.
   *
   * @throws IllegalArgumentException if one is not finite or min is above max
   */
  public Range {
    if (!Float.isFinite(min) || !Float.isFinite(max) || min > max) {
      throw new IllegalArgumentException("range: expected finite min <= max, got " + min + " to " + max);
    }
  }

  /** The largest absolute value. */
  float absmax() {
    return Math.max(Math.abs(min), Math.abs(max));
  }
}
