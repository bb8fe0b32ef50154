package dev.octet.engine;

import org.jspecify.annotations.Nullable;

/**
 * Spec of a product {@code [rows][K] x [K][N]} with float rows, fixed quantized weights and float output.
 *
 * @param weights S8 per tensor or per column, or S8, S4 or U4 per group of 32, 64 or 128 along K
 * @param bias N floats added to the result, or null
 * @param min the smallest result, -Infinity without a clamp
 * @param max the largest result, Infinity without a clamp
 */
public record FloatMatMulSpec(MatrixWeights weights, float @Nullable [] bias, float min, float max) {}
