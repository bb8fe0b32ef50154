package dev.octet.quantize;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantizer;
import dev.octet.Shape;
import java.util.Objects;

/**
 * Rounds weights to nearest, with the full range under each scale or the range of least mean squared error:
 * of 128 shares of the full range, both ends shrunk alike. Giving up a few large weights for a finer grid
 * pays at 4 bits.
 */
public final class ClippingSearch {
  private ClippingSearch() {}

  /**
   * Quantizes the weights of a layer with the ranges of least error.
   *
   * @param layer the layer
   * @param scheme what its weights become
   * @return the weights, {@code [out, in]}
   */
  public static QTensor quantize(Linear layer, WeightScheme scheme) {
    Objects.requireNonNull(layer, "layer");
    Objects.requireNonNull(scheme, "scheme");
    String operand = layer.name() + ".weights";
    WeightGrids grids = new WeightGrids(scheme, layer.out(), layer.in());
    grids.chooseAll(doubles(layer.weights()),
        (weights, from, to) -> leastError(operand, weights, from, to, scheme.type(), scheme.symmetric()));
    return scheme.quantizer().with(grids.quantization()).quantize(layer.weights(), shape(layer));
  }

  /**
   * Quantizes the weights of a layer with their full ranges.
   *
   * @param layer the layer
   * @param scheme what its weights become
   * @return the weights, {@code [out, in]}
   */
  public static QTensor fullRange(Linear layer, WeightScheme scheme) {
    Objects.requireNonNull(layer, "layer");
    Objects.requireNonNull(scheme, "scheme");
    return scheme.quantizer().quantize(layer.weights(), shape(layer));
  }

  /**
   * Finds the scale and zero point of least squared error for numbers that share them.
   *
   * @param operand the name of the tensor, for messages
   * @param values all finite
   * @param type U8, S8, U4 or S4
   * @param symmetric whether the zero point is 0
   * @return both, per tensor
   * @throws IllegalArgumentException if the range of the values overflows binary32
   */
  public static Quantization leastError(String operand, float[] values, DataType type, boolean symmetric) {
    Objects.requireNonNull(operand, "operand");
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(type, "type");
    return Grid.perTensor(leastError(operand, doubles(values), 0, values.length, type, symmetric));
  }

  /** The grid of the full range. */
  static Grid full(String operand, double[] weights, int from, int to, WeightScheme scheme) {
    Range range = range(weights, from, to);
    return Grid.of(operand, range.min(), range.max(), scheme.type(), scheme.symmetric());
  }

  private static Grid leastError(String operand, double[] weights, int from, int to, DataType type,
      boolean symmetric) {
    Range full = range(weights, from, to);
    Grid best = null;
    double least = Double.POSITIVE_INFINITY;
    for (int share = Thresholds.SHARES; share > 0; share--) {
      Range range = Thresholds.share(full, share);
      Grid grid = Grid.of(operand, range.min(), range.max(), type, symmetric);
      double error = 0;
      for (int i = from; i < to && error < least; i++) {
        double difference = weights[i] - grid.nearest((float) weights[i]);
        error += difference * difference;
      }
      if (best == null || error < least) {
        least = error;
        best = grid;
      }
    }
    return best;
  }

  private static Range range(double[] weights, int from, int to) {
    double min = 0;
    double max = 0;
    for (int i = from; i < to; i++) {
      min = Math.min(min, weights[i]);
      max = Math.max(max, weights[i]);
    }
    return new Range((float) min, (float) max);
  }

  static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  static Shape shape(Linear layer) {
    return Shape.of(layer.out(), layer.in());
  }

  /** A quantizer whose parameters are known, on numbers that it will round to themselves. */
  static QTensor exact(WeightScheme scheme, WeightGrids grids, float[] rounded, Shape shape) {
    Quantizer quantizer = scheme.quantizer().with(grids.quantization());
    return quantizer.quantize(rounded, shape);
  }
}
