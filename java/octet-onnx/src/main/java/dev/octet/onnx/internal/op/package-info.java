/**
 * The operators: a class each, which reads the attributes, infers shapes, and runs.
 * {@link dev.octet.onnx.internal.op.OpTable} lists them; a new one is a class and a line there.
 */
package dev.octet.onnx.internal.op;
