/** Inner loops with the Vector API: its only user, touched only where the module is there. */
package dev.octet.internal.vector.simd;
