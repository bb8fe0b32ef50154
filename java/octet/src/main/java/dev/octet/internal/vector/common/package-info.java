/**
 * What all kernels of engine VECTOR share: which form of the inner loops runs, the threads and scratch arrays
 * of an Octet, and the names of kernels.
 */
package dev.octet.internal.vector.common;
