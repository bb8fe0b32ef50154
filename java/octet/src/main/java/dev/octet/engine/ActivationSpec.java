package dev.octet.engine;

import dev.octet.DataType;

/**
 * Type, scale and zero point of an 8-bit operand.
 *
 * @param type U8 or S8
 * @param atRun whether scales and zero points are passed to each run: one per row of a left or input operand,
 *        one per column of a right operand; of images one for each, or one for all
 * @param scale the scale per tensor; 1 if atRun
 * @param zeroPoint the zero point per tensor; 0 if atRun
 */
public record ActivationSpec(DataType type, boolean atRun, float scale, int zeroPoint) {}
