/**
 * Files of weights: safetensors and GGUF in and out, ONNX initializers and ModelSlim's W8A8 descriptions in.
 * Files are memory-mapped, and every length, offset and shape is checked against the file before it is used:
 * a damaged or hostile file is a {@link dev.octet.quantize.file.MalformedFileException}, never a read out of
 * bounds or an allocation larger than a small multiple of the file. Start reading at
 * {@link dev.octet.quantize.file.WeightFile}, of GGUF at {@link dev.octet.quantize.file.GgufFile}.
 */
package dev.octet.quantize.file;
