/**
 * What an engine implements. An op of {@link dev.octet.op} validates everything a user gave it, makes an
 * immutable spec of it and asks the backend for a kernel; the backend returns one, or says by an
 * {@link java.lang.UnsupportedOperationException} what it misses. Kernels are handed checked memory only:
 * types, sizes, strides and overlap were looked at before.
 *
 * <p>
 * A kernel is immutable and any number of threads run it at once. Its {@code close} is called once, when no
 * run is in flight any more, and never again after.
 */
package dev.octet.engine;
