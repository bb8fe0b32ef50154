package dev.octet.bench.minilm;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * One row of {@code demo.json}.
 *
 * @param runner the encoder
 * @param threads threads that it may use
 * @param tokens tokens of each sentence
 * @param batch sentences of each call
 * @param msPerSentence median milliseconds of a call divided by the batch
 * @param sentencesPerSecond the inverse, in seconds
 * @param weightMegabytes megabytes (10^6 bytes) of the weights of the linear layers
 * @param cosineMin the smallest cosine between this runner's embedding of a sentence and FP32's
 * @param cosineMean the mean of these cosines
 * @param spearman rank correlation of the similarities of all pairs with FP32's
 */
@JsonPropertyOrder({"runner", "threads", "tokens", "batch", "msPerSentence", "sentencesPerSecond",
    "weightMegabytes",
    "cosineMin", "cosineMean", "spearman"})
record Figures(String runner, int threads, int tokens, int batch, double msPerSentence,
    double sentencesPerSecond,
    double weightMegabytes, double cosineMin, double cosineMean, double spearman) {}
