/**
 * The inner loops of engine VECTOR as its kernels call them; each has an implementation in simd and in plain.
 */
package dev.octet.internal.vector.loops;
