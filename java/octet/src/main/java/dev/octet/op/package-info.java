/**
 * The operations. An op is made by an {@link dev.octet.Octet}: a builder, {@code prepare()}, then
 * {@code run()} any number of times by any number of threads. What a result is, to the last bit, is the
 * numerics law; where the law names no formula of its own it is that of the ONNX operator named in the op's
 * comment.
 */
package dev.octet.op;
