/**
 * The messages of an ONNX file, as ONNX's protobuf schema has them: read from memory without a copy, nothing
 * computed, every length and number checked. Whoever asks knows what the messages mean: {@code quantize.file}
 * reads weights, {@code dev.octet.onnx} runs the graph.
 */
package dev.octet.quantize.proto;
