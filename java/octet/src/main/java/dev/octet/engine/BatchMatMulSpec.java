package dev.octet.engine;

/**
 * Spec of a batch of products of two operands that are passed to each run.
 *
 * @param left the left operand; scales of the run are per row
 * @param right the right operand; scales of the run are per column
 * @param rightTransposed whether the right operand is stored {@code [N][K]} instead of {@code [K][N]}
 * @param output the output of the accumulators
 */
public record BatchMatMulSpec(ActivationSpec left, ActivationSpec right, boolean rightTransposed,
    OutputSpec output) {}
