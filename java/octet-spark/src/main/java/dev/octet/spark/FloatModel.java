package dev.octet.spark;

import java.util.List;

/** What computes arrays of floats from arrays of floats. Safe for use by threads. */
interface FloatModel {
  /** The length of an array that may have any. */
  int ANY = -1;

  /** The length of a row's array for each input, or {@link #ANY}. */
  int[] lengths();

  /** How many rows a batch has where a program does not say; 1 where it can have no more. */
  int batchRows();

  /**
   * Refuses a number of output columns.
   *
   * @throws IllegalArgumentException if there are not so many
   */
  void requireOutputs(int outputs);

  /**
   * Runs rows.
   *
   * @param rows an array for each input
   * @param outputs how many, the first ones
   * @return an array for each output of each row
   */
  List<float[][]> run(List<float[][]> rows, int outputs);

  /** Frees it, when nobody runs it. */
  void close();
}
