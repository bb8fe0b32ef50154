/**
 * Kernels that treat each element on its own: quantize, dequantize, requantize, lookup and the binary ops.
 */
package dev.octet.internal.vector.elements;
