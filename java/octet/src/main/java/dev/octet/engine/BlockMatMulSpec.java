package dev.octet.engine;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Spec of a product {@code [rows][K] x [K][N]} of float rows, which each run quantizes by groups of 32 or
 * leaves as they are, with fixed weights in a block format.
 *
 * @param weights the weights
 * @param bias N floats added to the result, or null
 * @param min the smallest result, -Infinity without a clamp
 * @param max the largest result, Infinity without a clamp
 */
public record BlockMatMulSpec(BlockWeights weights, float @Nullable [] bias, float min, float max) {
  /** Elements of a row that are quantized with a scale of their own. */
  public static final int GROUP = 32;

  /**
   * Returns the name of types and operation, as names of kernels have it.
   *
   * @param op {@code dynamic} or {@code weightonly}
   * @return such as {@code f32q4_k_f32_dynamic}
   */
  public String kernelName(String op) {
    return "f32" + weights.format().name().toLowerCase(Locale.ROOT) + "_f32_" + op;
  }
}
