package dev.octet.engine;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Spec of a product {@code [rows][K] x [K][N]} of float rows, which each run quantizes by groups of 32, with
 * fixed weights in a block format.
 *
 * @param weights {@code [N][K]}, not empty, with finite scales and minimums; read while a kernel is made, and
 *        not later
 * @param bias N floats added to the result, or null
 * @param min the smallest result, -Infinity without a clamp
 * @param max the largest result, Infinity without a clamp
 */
public record BlockMatMulSpec(BlockTensor weights, float @Nullable [] bias, float min, float max) {
  /** Elements of a row that have a scale of their own. */
  public static final int GROUP = 32;

  /**
   * Checks that weights are a matrix with finite scales and minimums.
   *
   * @param weights the weights
   * @throws IllegalArgumentException if they are not
   */
  public static void check(BlockTensor weights) {
    if (weights.shape().rank() != 2) {
      throw new IllegalArgumentException("weights: expected a matrix, got shape " + weights.shape());
    }
    if (weights.rows() < 1 || weights.columns() < 1) {
      throw new IllegalArgumentException(
          "weights: expected at least one input and one output feature, got shape " + weights.shape());
    }
    if (weights.shape().dim(0) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "weights: expected at most 2^31 - 1 output features, got shape " + weights.shape());
    }
    BlockFormat format = weights.format();
    int step = format.elements() / format.groupSize();
    for (long row = 0; row < weights.rows(); row++) {
      for (int group = 0; group < weights.groups(); group += step) {
        float scale = weights.scale(row, group);
        float minimum = weights.minimum(row, group);
        if (format == BlockFormat.MXFP4 && scale == 0x1p127f) {
          throw new IllegalArgumentException("weights: expected finite scales, got an exponent of 255, which is NaN"
              + " (OCP Microscaling Formats 1.0), in row " + row + ", column " + group * format.groupSize()
              + " of " + weights);
        }
        if (!Float.isFinite(scale) || !Float.isFinite(minimum)) {
          throw new IllegalArgumentException("weights: expected finite scales, got scale " + scale
              + (format.hasMinimum() ? " and minimum " + minimum : "") + " in row " + row + ", column "
              + group * format.groupSize() + " of " + weights);
        }
      }
    }
  }

  /**
   * Returns the number of input features.
   *
   * @return K
   */
  public int k() {
    return weights.columns();
  }

  /**
   * Returns the number of output features.
   *
   * @return N
   */
  public int n() {
    return (int) weights.rows();
  }

  /**
   * Returns the name of types and operation, as names of kernels have it.
   *
   * @return such as {@code f32q4_k_f32_dynamic}
   */
  public String kernelName() {
    return "f32" + weights.format().name().toLowerCase(Locale.ROOT) + "_f32_dynamic";
  }
}
