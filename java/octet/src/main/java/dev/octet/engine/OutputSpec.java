package dev.octet.engine;

import dev.octet.DataType;

/**
 * Type, scale, zero point and clamp of the output of accumulators.
 *
 * @param type S32, F32, S8 or U8
 * @param scale the scale of an 8-bit output, else 1
 * @param zeroPoint the zero point of an 8-bit output, else 0
 * @param lo the smallest integer of an 8-bit output, a fused clamp included
 * @param hi the largest integer of an 8-bit output, a fused clamp included
 * @param min the smallest value of an F32 output, -Infinity without a clamp
 * @param max the largest value of an F32 output, Infinity without a clamp
 */
public record OutputSpec(DataType type, float scale, int zeroPoint, int lo, int hi, float min, float max) {}
