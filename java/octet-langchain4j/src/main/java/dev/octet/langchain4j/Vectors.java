package dev.octet.langchain4j;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Arithmetic on the vectors of one text. */
final class Vectors {
  private Vectors() {}

  /**
   * The mean of rows, in the order that langchain4j sums in.
   *
   * @param rows F32 {@code [count][length]}
   * @param length of a row
   */
  static float[] mean(MemorySegment rows, int length) {
    int count = Math.toIntExact(rows.byteSize() / Float.BYTES / length);
    float[] row = new float[length];
    float[] mean = new float[length];
    for (int at = 0; at < count; at++) {
      row(rows, at, row);
      for (int i = 0; i < length; i++) {
        mean[i] += row[i];
      }
    }
    for (int i = 0; i < length; i++) {
      mean[i] /= count;
    }
    return mean;
  }

  /** Copies a row of F32 into an array of its length; returns the array. */
  static float[] row(MemorySegment rows, int index, float[] row) {
    long from = (long) Float.BYTES * row.length * index;
    MemorySegment.copy(rows, ValueLayout.JAVA_FLOAT_UNALIGNED, from, row, 0, row.length);
    return row;
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
