package dev.octet.engine;

import dev.octet.DataType;
import org.jspecify.annotations.Nullable;

/**
 * Spec of a product {@code [rows][K] x [K][N]} with float rows, fixed quantized weights and float output.
 *
 * @param weights S8 or U8 per tensor or per column, or S8, S4 or U4 per group of 16, 32, 64, 128 or 256 along
 *        K; U8 only where rows are quantized
 * @param bias N floats added to the result, or null
 * @param min the smallest result, -Infinity without a clamp
 * @param max the largest result, Infinity without a clamp
 * @param perTensor whether all rows of a run are quantized by one range, rather than each by its own; not
 *        with groups, and only where rows are quantized
 */
public record FloatMatMulSpec(MatrixWeights weights, float @Nullable [] bias, float min, float max,
    boolean perTensor) {
  /**
   * Returns the product that is left when the rows are quantized to U8; not with groups.
   *
   * @return rows have scales and zero points at run
   */
  public MatMulSpec product() {
    return new MatMulSpec(weights, new ActivationSpec(DataType.U8, true, 1, 0), null, bias,
        new OutputSpec(DataType.F32, 1, 0, 0, 0, min, max), false);
  }
}
