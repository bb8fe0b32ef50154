/**
 * Embedding models for langchain4j: {@link dev.octet.langchain4j.OctetEmbeddingModel} runs ONNX files of the
 * BERT family on Octet's kernels and gives the vectors that langchain4j's own in-process models give.
 */
package dev.octet.langchain4j;
