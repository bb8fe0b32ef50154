package dev.octet.internal.vector.loops;

/**
 * Where rounded values go.
 *
 * @param zeroPoint added after rounding
 * @param lo the smallest result
 * @param hi the largest result
 */
public record Target(int zeroPoint, int lo, int hi) {}
