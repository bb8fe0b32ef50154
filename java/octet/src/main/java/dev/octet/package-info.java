/**
 * The values (types, shapes, quantization, tensors) and the entry, {@link dev.octet.Octet}, which picks an
 * engine, owns the threads and makes the operations of {@link dev.octet.op}. The values know no engine and
 * run no native code.
 */
package dev.octet;
