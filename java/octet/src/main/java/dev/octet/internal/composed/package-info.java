/**
 * Kernels that are a sequence of an engine's other kernels, whatever the engine: the law says what each step
 * gives, so the sequence is exact where its steps are.
 */
package dev.octet.internal.composed;
