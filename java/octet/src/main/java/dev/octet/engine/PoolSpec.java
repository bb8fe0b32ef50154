package dev.octet.engine;

/**
 * Pooling over windows, or over the whole image.
 *
 * @param kind what is taken of a window
 * @param input the images, per tensor
 * @param output same type as the input; for MAX also the same scale and zero point
 * @param window where the windows lie; null when global
 * @param countPadding whether padded taps, as zeros, count in an average
 */
public record PoolSpec(Kind kind, ActivationSpec input, OutputSpec output, Window window,
    boolean countPadding) {
  /** What is taken of a window. */
  public enum Kind {
    /** The mean. */
    AVERAGE,
    /** The largest; padded taps never win. */
    MAX,
    /** The mean of a whole image. */
    GLOBAL_AVERAGE
  }
}
