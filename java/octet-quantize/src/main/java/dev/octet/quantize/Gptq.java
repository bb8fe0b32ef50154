package dev.octet.quantize;

import dev.octet.QTensor;
import java.util.Objects;

/**
 * Quantizes weights by GPTQ (Frantar et al., 2022): they are rounded input by input, and the error of each on
 * the inputs of calibration is compensated by those of its row that are not rounded yet, by the inverse of
 * the Hessian {@code H = mean(x x^T)} in the form of its upper Cholesky factor. Worth it at 4 bits. Scales
 * per group are chosen when their group begins, from weights that carry what came before.
 *
 * <p>
 * A feature that was 0 in every row of the calibration says nothing of its weights: they are rounded to
 * nearest, neither taking nor giving errors. (The paper makes them 0, which loses them where other inputs
 * light the feature, and a whole layer where nothing was recorded but zeros.)
 * {@link InputMoments#deadFeatures} counts them.
 */
public final class Gptq {
  /** The usual damping, the share of the mean diagonal that is added to the diagonal, as in the paper. */
  public static final double DAMPING = 0.01;
  /** Columns after which the rest of a matrix is brought up to date: a block of the factor stays in cache. */
  private static final int BLOCK = 128;

  private final int in;
  /** {@code [in][in]}, the upper triangle. */
  private final double[] u;
  private Gptq(InputMoments moments, double damping) {
    this.in = moments.features();
    double[] h = moments.meanProducts();
    double mean = 0;
    for (int i = 0; i < in; i++) {
      mean += h[i * in + i] / in;
    }
    for (int i = 0; i < in; i++) {
      boolean dead = h[i * in + i] == 0; // nothing off the diagonal either: any positive number decouples it
      h[i * in + i] = (dead ? 1 : h[i * in + i]) + damping * mean;
    }
    this.u = Cholesky.upperOfInverse(moments.tensor(), h, in);
  }

  /**
   * Factors the Hessian of an input, which is the part of the work that does not depend on the weights. It
   * takes 40 bytes of memory for each pair of features on the way, 8 of which are kept.
   *
   * @param moments of the input, with products; not kept
   * @param damping share of the mean diagonal that is added to the diagonal, above 0; {@link #DAMPING} is
   *        usual, more where features are linearly dependent
   * @return what quantizes weights that multiply the input, any number of times, by any number of threads
   * @throws IllegalArgumentException if damping is not above 0, or H is singular even with damping
   * @throws IllegalStateException if moments have seen nothing or have no products
   */
  public static Gptq of(InputMoments moments, double damping) {
    Objects.requireNonNull(moments, "moments");
    if (!(damping > 0) || damping == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("damping: expected a finite number above 0, got " + damping);
    }
    return new Gptq(moments, damping);
  }

  /**
   * Quantizes the weights of a layer.
   *
   * @param layer the layer
   * @param scheme what its weights become
   * @param moments of its input, with products
   * @param damping as in {@link #of}
   * @return the weights, {@code [out, in]}
   * @throws IllegalArgumentException if damping is not above 0, moments are of another size, or H is singular
   *         even with damping
   * @throws IllegalStateException if moments have seen nothing or have no products
   */
  public static QTensor quantize(Linear layer, WeightScheme scheme, InputMoments moments, double damping) {
    Objects.requireNonNull(layer, "layer");
    Objects.requireNonNull(scheme, "scheme");
    Objects.requireNonNull(moments, "moments");
    return of(moments, damping).quantize(layer, scheme);
  }

  /**
   * Quantizes weights with the factored Hessian. Rows do not depend on each other: those of a large layer may
   * come in parts, unless there is one scale per tensor.
   *
   * @param layer the layer
   * @param scheme what its weights become
   * @return the weights, {@code [out, in]}
   * @throws IllegalArgumentException if moments are of another size
   */
  public QTensor quantize(Linear layer, WeightScheme scheme) {
    Objects.requireNonNull(layer, "layer");
    Objects.requireNonNull(scheme, "scheme");
    if (layer.in() != in) {
      throw new IllegalArgumentException("moments: expected " + layer.in() + " features for " + layer
          + ", got " + in);
    }
    int out = layer.out();
    double[] w = ClippingSearch.doubles(layer.weights());
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
