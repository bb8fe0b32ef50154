package dev.octet.engine;

/**
 * Sum of two quantized tensors of the same shape.
 *
 * @param left the first operand, per tensor
 * @param right the second operand, per tensor, of the same type as the first
 * @param output S8 or U8, of the same type as the operands
 */
public record AddSpec(ActivationSpec left, ActivationSpec right, OutputSpec output) {}
