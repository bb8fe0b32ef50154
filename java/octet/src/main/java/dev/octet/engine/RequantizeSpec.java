package dev.octet.engine;

/**
 * S32 accumulators to 8 bits.
 *
 * @param scales the scale of an accumulator, one or one a channel
 * @param bias one integer a channel added before scaling, or null
 * @param output S8 or U8
 */
public record RequantizeSpec(float[] scales, int[] bias, OutputSpec output) {}
