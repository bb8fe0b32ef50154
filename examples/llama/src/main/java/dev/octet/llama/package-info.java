/**
 * A language model of the Llama family on Octet, from a GGUF file to tokens: products with weights in blocks,
 * attention in integers with a cache of 8 bits, and plain Java for what lies between.
 * {@link dev.octet.llama.LlamaMain} is the program; it takes and prints numbers of tokens.
 */
package dev.octet.llama;
