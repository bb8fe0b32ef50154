/**
 * Whole ONNX models: {@link dev.octet.onnx.OnnxModel} reads a file, {@link dev.octet.onnx.PreparedOnnx} runs
 * it. Quantized products run on Octet's kernels, with the integers of ONNX Runtime; the rest is Java.
 */
package dev.octet.onnx;
