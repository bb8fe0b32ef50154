/**
 * Weights in block formats beside ggml, the kernels of llama.cpp, which are called from Java:
 * {@code ci/peers} fetches them. Products alone, and a whole model, {@link LlamaRun}.
 */
package dev.octet.bench.blocks;
