package dev.octet.engine;

/**
 * Products of two run-time operands.
 *
 * @param left the left operand; at run: per row
 * @param right the right operand; at run: per column
 * @param rightTransposed whether the right operand is stored {@code [N][K]} instead of {@code [K][N]}
 * @param output what becomes of the accumulator
 */
public record BatchMatMulSpec(ActivationSpec left, ActivationSpec right, boolean rightTransposed,
    OutputSpec output) {}
