/**
 * Weights in block formats beside ggml, the kernels of llama.cpp, which are called from Java:
 * {@code ci/peers} fetches them.
 */
package dev.octet.bench.blocks;
