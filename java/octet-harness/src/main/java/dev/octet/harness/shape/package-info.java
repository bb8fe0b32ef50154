/**
 * What is measured, in words that fit a file name and a cell of a table: the shapes of {@code bench/shapes},
 * the number forms ("dtype"), ops, peers, and cases made of them.
 */
package dev.octet.harness.shape;
