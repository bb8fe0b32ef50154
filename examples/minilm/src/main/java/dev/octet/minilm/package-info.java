/**
 * The sentence-embedding model all-MiniLM-L6-v2 on Octet: {@link dev.octet.minilm.OnnxEncoder} runs its ONNX
 * file, in FP32 or quantized, and is what a program that uses Octet looks like;
 * {@link dev.octet.minilm.FileEncoder} embeds with quantized weights of a safetensors file. Used by the
 * benchmarks and by the command.
 */
package dev.octet.minilm;
