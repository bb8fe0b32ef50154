/**
 * The sentence-embedding model all-MiniLM-L6-v2 on Octet: {@link dev.octet.minilm.OctetEncoder} quantizes the
 * FP32 weights itself and is what a program that uses Octet looks like; {@link dev.octet.minilm.FileEncoder}
 * embeds with a quantized file. Used by the benchmarks and by the command.
 */
package dev.octet.minilm;
