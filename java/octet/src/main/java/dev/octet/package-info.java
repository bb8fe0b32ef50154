/**
 * Entry point, {@link dev.octet.Octet}, and values: data types, shapes, quantization parameters and tensors.
 * The entry point chooses an engine, owns the worker threads and makes the operations of
 * {@link dev.octet.op}; the values run no native code.
 *
 * <p>
 * Unless stated otherwise, a null argument throws {@link java.lang.NullPointerException}.
 */
@NullMarked
package dev.octet;

import org.jspecify.annotations.NullMarked;
