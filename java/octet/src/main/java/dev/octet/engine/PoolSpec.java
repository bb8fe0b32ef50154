package dev.octet.engine;

/**
 * Pooling over windows, or over the whole image. A sum is exact, whatever the number of pixels. A window
 * without a pixel (dilation can leave one between its taps) has average 0 and the type's smallest value as
 * maximum.
 *
 * @param kind what is taken of a window
 * @param input the images, per tensor
 * @param output same type as the input; for MAX all parameters are without meaning
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
