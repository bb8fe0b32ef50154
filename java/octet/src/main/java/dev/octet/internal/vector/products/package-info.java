/**
 * Matrix products: fixed weights, packed in panels, and products of two operands given to run.
 */
package dev.octet.internal.vector.products;
