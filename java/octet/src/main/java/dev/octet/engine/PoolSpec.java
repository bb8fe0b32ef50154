package dev.octet.engine;

import org.jspecify.annotations.Nullable;

/**
 * Spec of a pooling over windows or over the whole image. Sums are exact for any number of pixels. A window
 * without a pixel (dilation can leave one between its taps) has average 0 and the type's smallest value as
 * maximum.
 *
 * @param kind the function of a window
 * @param input the input images, per tensor
 * @param output the output, of the type of the input; for MAX scales and zero points are ignored
 * @param window the windows; null if global
 * @param countPadding whether an average counts padding as pixels of value 0
 */
public record PoolSpec(Kind kind, ActivationSpec input, OutputSpec output, @Nullable Window window,
    boolean countPadding) {
  /** Function of a window. */
  public enum Kind {
    /** Mean. */
    AVERAGE,
    /** Largest value; padding is ignored. */
    MAX,
    /** Mean of a whole image. */
    GLOBAL_AVERAGE
  }
}
