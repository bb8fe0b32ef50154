package dev.octet.engine;

import dev.octet.DataType;
import dev.octet.Quantization;

/**
 * Spec of a conversion between F32 and integers.
 *
 * @param type U8, S8, U4 or S4
 * @param quantization scales and zero points; {@link QuantizeKernel#run} defines which elements they are for
 */
public record QuantizeSpec(DataType type, Quantization quantization) {}
