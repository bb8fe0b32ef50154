package dev.octet.engine;

import org.jspecify.annotations.Nullable;

/**
 * Spec of a conversion of S32 accumulators to 8 bits.
 *
 * @param scales the scale of the accumulators, one for all channels or one per channel
 * @param bias one integer per channel, added before scaling, or null
 * @param output the output, S8 or U8
 */
public record RequantizeSpec(float[] scales, int @Nullable [] bias, OutputSpec output) {}
