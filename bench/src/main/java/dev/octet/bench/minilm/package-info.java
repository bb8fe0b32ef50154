/**
 * The main job on real input: the sentence-embedding model all-MiniLM-L6-v2 at int8 on Octet, beside ONNX
 * Runtime at FP32 and at 8 bits. Start reading at {@link dev.octet.bench.minilm.MiniLmDemo};
 * {@link dev.octet.minilm.OnnxEncoder} is what a program that uses Octet looks like.
 */
package dev.octet.bench.minilm;
