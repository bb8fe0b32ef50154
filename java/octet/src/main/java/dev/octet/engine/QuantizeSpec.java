package dev.octet.engine;

import dev.octet.DataType;
import dev.octet.Quantization;

/**
 * Between F32 and integers.
 *
 * @param type U8, S8, U4 or S4
 * @param quantization its parameters; how they map to elements is in {@link QuantizeKernel#run}
 */
public record QuantizeSpec(DataType type, Quantization quantization) {}
