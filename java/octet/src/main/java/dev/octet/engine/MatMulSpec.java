package dev.octet.engine;

import org.jspecify.annotations.Nullable;

/**
 * Spec of a product {@code [rows][K] x [K][N]} of 8-bit rows with fixed weights.
 *
 * @param weights S8 or U8, scales and zero points per tensor or per column
 * @param input the rows
 * @param bias N integers added to the accumulator, or null
 * @param floatBias N floats added to an F32 output after scaling, or null; only with F32 output
 * @param output the output of the accumulators
 * @param inexactEpilogue whether the engine may use a faster epilogue that differs from the law by 1 in rare
 *        ties
 */
public record MatMulSpec(MatrixWeights weights, ActivationSpec input, int @Nullable [] bias,
    float @Nullable [] floatBias,
    OutputSpec output, boolean inexactEpilogue) {}
