package dev.octet.quantize;

import java.io.Serializable;

/**
 * Selects how the range of a tensor is found from its numbers: from the smallest and the largest one, or from
 * a histogram, which gives up rare large numbers for a finer grid of the others. Serializable, for workers in
 * other JVMs.
 */
public sealed interface CalibrationMethod extends Serializable {
  /** Takes the smallest and the largest number. */
  record MinMax() implements CalibrationMethod {}

  /**
   * Averages the smallest and the largest number of each call: {@code min += weight * (batchMin - min)}, the
   * first call as it is.
   *
   * @param weight of the newest call, above 0 and at most 1
   */
  record MovingAverage(double weight) implements CalibrationMethod {
    /**
     * Checks the weight.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public MovingAverage {
      if (!(weight > 0 && weight <= 1)) {
        throw new IllegalArgumentException("weight: expected above 0 and at most 1, got " + weight);
      }
    }
  }

  /**
   * Takes the range that holds a given percentage of the numbers. Symmetric: the absolute values up to that
   * percentile; asymmetric: half of the rest is cut off at either end. Found in a histogram, so too wide by
   * up to one bin, 1/2048 of the largest absolute value.
   *
   * @param percent above 50 and at most 100; 99.99 is usual
   */
  record Percentile(double percent) implements CalibrationMethod {
    /**
     * Checks the percentage.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public Percentile {
      if (!(percent > 50 && percent <= 100)) {
        throw new IllegalArgumentException("percent: expected above 50 and at most 100, got " + percent);
      }
    }
  }

  /**
   * Takes the threshold of absolute values whose clipped and quantized distribution diverges least from the
   * true one (Kullback-Leibler), as TensorRT defines it (Migacz, 2017): for each number of bins i from the
   * number of levels up, P is the first i bins with all that lies beyond added to the last one, Q the first i
   * bins merged to as many levels and spread evenly over those of their bins that are not empty in P. 128
   * levels for 8 bits, 8 for 4. The bin of 0 counts as much as the one next to it, as in NVIDIA's
   * pytorch-quantization (calib/histogram.py): zeros cost nothing. Empty bins are smoothed as in ONNX
   * Runtime, which runs the same search over both sides of 0. Needs many numbers, ten thousand and more: with
   * few to a bin it clips too much.
   */
  record Entropy() implements CalibrationMethod {}

  /**
   * Takes the range with the least mean squared error of rounding and clipping: of 128 shares of the full
   * range, both ends shrunk alike, with every number at the middle of its bin.
   */
  record MeanSquaredError() implements CalibrationMethod {}

  /**
   * Returns the method that takes the smallest and the largest number.
   *
   * @return the method
   */
  static CalibrationMethod minMax() {
    return new MinMax();
  }

  /**
   * Returns the method that averages both ends over calls, the newest one weighing 0.01.
   *
   * @return the method
   */
  static CalibrationMethod movingAverage() {
    return new MovingAverage(0.01);
  }

  /**
   * Returns the method that takes the range of a given percentage of the numbers.
   *
   * @param percent above 50 and at most 100; 99.99 is usual
   * @return the method
   * @throws IllegalArgumentException if the percentage is out of range
   */
  static CalibrationMethod percentile(double percent) {
    return new Percentile(percent);
  }

  /**
   * Returns the method of least Kullback-Leibler divergence.
   *
   * @return the method
   */
  static CalibrationMethod entropy() {
    return new Entropy();
  }

  /**
   * Returns the method of least mean squared error.
   *
   * @return the method
   */
  static CalibrationMethod meanSquaredError() {
    return new MeanSquaredError();
  }
}
