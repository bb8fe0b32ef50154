package dev.octet.quantize;

import dev.octet.QTensor;

/**
 * GPTQ (Frantar et al., 2022): weights are rounded input by input, and what rounding one loses on the inputs
 * of calibration is made up for by those of the row that are not rounded yet, by the inverse of the Hessian
 * {@code H = mean(x x^T)} in the form of its upper Cholesky factor. Worth it at 4 bits. Scales per group are
 * chosen when their group begins, from weights that carry what came before.
 */
public final class Gptq {
  /** Share of the mean diagonal that is added to the diagonal, as in the paper. */
  public static final double DAMPING = 0.01;
  /** Columns after which the rest of a matrix is brought up to date: a block of the factor stays in cache. */
  private static final int BLOCK = 128;

  private Gptq() {}

  /**
   * Quantizes the weights of a layer.
   *
   * @param layer the layer
   * @param scheme what its weights become
   * @param moments of its input, with products
   * @param damping share of the mean diagonal that is added to the diagonal, above 0; {@link #DAMPING} is
   *        usual, more where features are linearly dependent
   * @return the weights, {@code [out, in]}
   * @throws IllegalArgumentException if damping is not above 0, moments are of another size, or H is singular
   *         even with damping
   * @throws IllegalStateException if moments have seen nothing or have no products
   */
  public static QTensor quantize(Linear layer, WeightScheme scheme, InputMoments moments, double damping) {
    if (!(damping > 0) || damping == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("damping: expected a finite number above 0, got " + damping);
    }
    int in = layer.in();
    int out = layer.out();
    double[] h = moments.meanProducts();
    if (h.length != in * in) {
      throw new IllegalArgumentException(
          "moments: expected " + in + " features for " + layer + ", got " + Math.round(Math.sqrt(h.length)));
    }
    double[] w = ClippingSearch.doubles(layer.weights());
    double mean = 0;
    for (int i = 0; i < in; i++) {
      mean += h[i * in + i] / in;
    }
    for (int i = 0; i < in; i++) {
      if (h[i * in + i] == 0) {
        // an input that is always 0: its weights do nothing
        h[i * in + i] = 1;
        for (int o = 0; o < out; o++) {
          w[o * in + i] = 0;
        }
      }
      h[i * in + i] += damping * mean;
    }
    double[] u = Cholesky.upperOfInverse(layer.name() + ".input", h, in);
    String operand = layer.name() + ".weights";
    WeightGrids.Choice choice = (weights, from, to) -> ClippingSearch.full(operand, weights, from, to,
        scheme);
    WeightGrids grids = new WeightGrids(scheme, out, in);
    if (scheme.groupSize() == 0) {
      grids.chooseAll(w, choice);
    }
    float[] rounded = new float[w.length];
    double[] errors = new double[BLOCK];
    for (int first = 0; first < in; first += BLOCK) {
      int end = Math.min(first + BLOCK, in);
      for (int o = 0; o < out; o++) {
        int row = o * in;
        for (int i = first; i < end; i++) {
          if (scheme.groupSize() > 0) {
            grids.chooseAt(w, o, i, choice);
          }
          rounded[row + i] = grids.at(o, i).nearest((float) w[row + i]);
          double error = (w[row + i] - rounded[row + i]) / u[i * in + i];
          errors[i - first] = error;
          for (int j = i + 1; j < end; j++) {
            w[row + j] -= error * u[i * in + j];
          }
        }
        for (int i = first; i < end; i++) {
          double error = errors[i - first];
          for (int j = end; j < in; j++) {
            w[row + j] -= error * u[i * in + j];
          }
        }
      }
    }
    return ClippingSearch.exact(scheme, grids, rounded, ClippingSearch.shape(layer));
  }
}
