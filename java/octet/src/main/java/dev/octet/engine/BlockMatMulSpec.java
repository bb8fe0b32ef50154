package dev.octet.engine;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Spec of a product {@code [rows][K] x [K][N]} of float rows, which each run quantizes by groups of 32 or
 * leaves as they are, with fixed weights in block formats.
 *
 * @param weights one matrix or several with the same K; their columns follow each other, N is the number of
 *        all of them
 * @param bias N floats added to the result, or null
 * @param min the smallest result, -Infinity without a clamp
 * @param max the largest result, Infinity without a clamp
 */
public record BlockMatMulSpec(List<BlockWeights> weights, float @Nullable [] bias, float min, float max) {
  /** Elements of a row that are quantized with a scale of their own. */
  public static final int GROUP = 32;

  /** Keeps a copy of the list. */
  public BlockMatMulSpec {
    weights = List.copyOf(weights);
  }

  /**
   * Returns the number of input features.
   *
   * @return K
   */
  public int k() {
    return weights.getFirst().k();
  }

  /**
   * Returns the number of output features of all weights.
   *
   * @return N
   */
  public int n() {
    return weights.stream().mapToInt(BlockWeights::n).sum();
  }

  /**
   * Returns the names of the formats, each once.
   *
   * @return such as {@code q4_k} or {@code q4_k+q6_k}
   */
  public String formats() {
    return weights.stream().map(part -> part.format().name().toLowerCase(Locale.ROOT)).distinct()
        .collect(Collectors.joining("+"));
  }

  /**
   * Returns the name of types and operation, as names of kernels have it.
   *
   * @param op {@code dynamic} or {@code weightonly}
   * @return such as {@code f32q4_k_f32_dynamic}
   */
  public String kernelName(String op) {
    return "f32" + formats() + "_f32_" + op;
  }
}
