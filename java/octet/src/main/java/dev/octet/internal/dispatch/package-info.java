/**
 * From an op to an engine: which engines there are and why, which of them prepares an op, how long a prepared
 * kernel lives, and the checks that every run makes before it hands memory to a kernel.
 */
package dev.octet.internal.dispatch;
