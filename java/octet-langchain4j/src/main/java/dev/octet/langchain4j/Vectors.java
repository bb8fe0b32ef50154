package dev.octet.langchain4j;

import java.util.List;

/** Arithmetic on the vectors of one text. */
final class Vectors {
  private Vectors() {}

  /**
   * The mean of rows, in the order that langchain4j sums in.
   *
   * @param rows {@code [count][length]}
   * @param length of a row
   */
  static float[] mean(float[] rows, int length) {
    float[] mean = new float[length];
    for (int at = 0; at < rows.length; at += length) {
      for (int i = 0; i < length; i++) {
        mean[i] += rows[at + i];
      }
    }
    int count = rows.length / length;
    for (int i = 0; i < length; i++) {
      mean[i] /= count;
    }
    return mean;
  }

  /**
   * The average of the vectors of the parts of a text, by their numbers of tokens.
   *
   * @param vectors one for each part
   * @param parts their ids, with [CLS] and [SEP]
   */
  static float[] average(float[][] vectors, List<long[]> parts) {
    if (vectors.length == 1) {
      return vectors[0];
    }
    float[] average = new float[vectors[0].length];
    int total = 0;
    for (int part = 0; part < vectors.length; part++) {
      int weight = parts.get(part).length - 2;
      total += weight;
      for (int i = 0; i < average.length; i++) {
        average[i] += vectors[part][i] * weight;
      }
    }
    for (int i = 0; i < average.length; i++) {
      average[i] /= total;
    }
    return average;
  }

  /** The vector, scaled to length 1. */
  static float[] unit(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    float length = (float) Math.sqrt(squares);
    float[] unit = new float[vector.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = vector[i] / length;
    }
    return unit;
  }
}
