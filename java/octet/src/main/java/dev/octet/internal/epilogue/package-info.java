/**
 * What engines that stop at a 32-bit accumulator do before and after the integer product, to the letter of
 * the numerics law: rows of floats become rows of bytes, accumulators become outputs.
 *
 * <p>
 * Accumulators become outputs in liboctet, where an engine asks for it and the library is there: with oneDNN,
 * 512x512x512 to 8 bits then takes 1.07 times what its own epilogue takes, and 1.2 times with the loops
 * (AVX-512, Zen 5).
 *
 * <p>
 * Otherwise, plain loops over small heap arrays, shaped so that C2 vectorizes them: one array type written
 * per loop, no memory segment inside (segments of several kinds in one loop make every access a virtual call:
 * 20 times slower), integer instead of float minimum and maximum (float ones take six instructions on AVX2),
 * and no operation behind a conversion to byte but the store. Operands pass through arrays that stay in the
 * L1 cache; those copies run at 15 to 50 elements/ns and cost less than what they save.
 */
package dev.octet.internal.epilogue;
