package dev.octet.quantize;

import java.util.Objects;

/**
 * Measures how close computed numbers are to reference numbers, over rows of equal length.
 *
 * @param sqnr signal to quantization noise in decibels, {@code 10 log10(sum(ref^2) / sum((ref - x)^2))};
 *        infinite where all are equal
 * @param cosine of the angle between both as vectors; 1 where both are all zeros
 * @param maxError the largest absolute difference
 * @param divergence mean Kullback-Leibler divergence of the softmax of rows from that of the reference, in
 *        nats
 * @param top1 share of rows whose largest element is the same
 * @param topK mean share of the reference's k largest elements of a row that are among the k largest
 * @param k that k, or the length of a row if it is shorter
 * @param rows how many rows were compared
 */
public record Accuracy(double sqnr, double cosine, double maxError, double divergence, double top1,
    double topK, int k, long rows) {
  /**
   * Compares rows.
   *
   * @param reference the expected numbers, whole rows
   * @param actual the computed numbers, as many
   * @param columns the length of a row
   * @param k how many of the largest elements of a row are compared
   * @return the comparison
   * @throws IllegalArgumentException if columns or k is less than 1, the arrays differ in length, are empty
   *         or no whole rows, or a number is NaN or infinite, named by its position
   */
  public static Accuracy of(float[] reference, float[] actual, int columns, int k) {
    Objects.requireNonNull(reference, "reference");
    Objects.requireNonNull(actual, "actual");
    AccuracyMeter meter = new AccuracyMeter(columns, k);
    meter.add(reference, actual);
    return meter.result();
  }
}
