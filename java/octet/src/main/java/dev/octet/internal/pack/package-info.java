/**
 * Operands as engines multiply them: weights as signed bytes in the order that a product reads, the sums that
 * put right afterwards what a changed operand did to the accumulator, signed activations carried as unsigned.
 * Plain Java, exact modulo 2^32.
 */
package dev.octet.internal.pack;
