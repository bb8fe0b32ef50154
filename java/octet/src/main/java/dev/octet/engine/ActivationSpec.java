package dev.octet.engine;

import dev.octet.DataType;

/**
 * An 8-bit operand of a product.
 *
 * @param type U8 or S8
 * @param atRun whether scales and zero points come with each run, one a row (of the left operand) or one a
 *        column (of the right operand)
 * @param scale the scale per tensor; 1 when atRun
 * @param zeroPoint the zero point per tensor; 0 when atRun
 */
public record ActivationSpec(DataType type, boolean atRun, float scale, int zeroPoint) {}
