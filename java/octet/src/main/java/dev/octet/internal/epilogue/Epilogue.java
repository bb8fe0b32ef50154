package dev.octet.internal.epilogue;

import dev.octet.engine.ActivationSpec;
import dev.octet.engine.Conv2dSpec;
import dev.octet.engine.FloatMatMulSpec;
import dev.octet.engine.MatMulSpec;
import dev.octet.internal.pack.SignedWeights;

/**
 * From the accumulators of an integer product with fixed weights to the output of an op, tolerance 0;
 * immutable, any number of threads.
 *
 * <p>
 * The product may have multiplied other integers than the op's: activations {@code a' = a + offset} (S8 as
 * U8: 128, U8 as S8: -128) and weights {@code w' = w - shift} (U8 as S8: 128). With {@code A[r] = za[r] +
 * offset} and {@code W[c] = zw[c] - shift}, both zero points in the product's own terms,
 *
 * <pre>
 * acc[r][c] = sum over k of (a - za)(w - zw) = sum of (a' - A[r])(w' - W[c])
 *           = sum of a'w'  -  A[r] * T[c]  -  R[r] * W[c]
 * T[c] = sum of (w' - W[c]) = S[c] - K * W[c]      R[r] = sum of a'
 * </pre>
 *
 * and where the product itself has subtracted A, which is then the same for all rows,
 *
 * <pre>
 * acc[r][c] = sum of (a' - A)w'  +  K * A * W[c]  -  R[r] * W[c]
 * </pre>
 *
 * All of it modulo 2^32, as the law has it, so no term needs a wider type. What depends on the column alone,
 * the integer bias included, is one table added to the accumulator.
 */
public final class Epilogue {
  private final TileEpilogue tile;

  private Epilogue(TileEpilogue tile) {
    this.tile = tile;
  }

  /**
   * The epilogue of a product with fixed weights.
   *
   * @param spec the op
   * @param weights its weights as they are multiplied
   * @param offset what was added to the activations before they are multiplied: 128 for S8 as U8, -128 for U8
   *        as S8, else 0
   * @param centred whether the product itself subtracts the zero point (plus offset) of the activations;
   *        never with zero points at run
   * @return the epilogue
   */
  public static Epilogue of(MatMulSpec spec, SignedWeights weights, int offset, boolean centred) {
    ActivationSpec input = spec.input();
    int[] bias = spec.bias();
    if (centred && input.atRun()) {
      throw new IllegalArgumentException("centred: expected false with zero points at run");
    }
    int n = weights.n();
    int zeroPoint = input.zeroPoint() + offset;
    int[] terms = new int[n];
    float[] scales = new float[n];
    for (int c = 0; c < n; c++) {
      int term = bias == null ? 0 : bias[c];
      if (centred) {
        term += weights.k() * zeroPoint * weights.zeroPoints()[c];
      } else {
        // With zero points at run this is the offset alone: the input's own is 0.
        term -= zeroPoint * weights.centredSums()[c];
      }
      terms[c] = term;
      scales[c] = spec.weights().scale(0, c);
    }
    return new Epilogue(new TileEpilogue(spec.output(), input, terms, scales, spec.floatBias(),
        input.atRun() ? weights.centredSums() : null,
        weights.asymmetric() ? weights.zeroPoints() : null));
  }

  /**
   * The epilogue of a product with fixed weights per column and float rows that were quantized to U8 one by
   * one.
   *
   * @param spec the op
   * @param weights its weights as they are multiplied
   * @param offset as above
   * @return the epilogue
   */
  public static Epilogue of(FloatMatMulSpec spec, SignedWeights weights, int offset) {
    return of(spec.product(), weights, offset, false);
  }

  /**
   * The epilogue of a convolution, whose compensation depends on how much of the window lies in the image.
   *
   * @param spec the op
   * @param terms added to the accumulator of each output channel: compensation and bias; kept, not copied
   * @return the epilogue
   */
  public static Epilogue of(Conv2dSpec spec, int[] terms) {
    return of(spec, terms, null);
  }

  /**
   * The epilogue of a convolution that has subtracted the zero point of the images, but not those of the
   * weights.
   *
   * @param spec the op
   * @param terms added to the accumulator of each output channel; kept, not copied
   * @param weightZeroPoints of each output channel as the weights are multiplied, multiplied by the sum of a
   *        row; kept, not copied; null: all 0
   * @return the epilogue
   */
  public static Epilogue of(Conv2dSpec spec, int[] terms, int[] weightZeroPoints) {
    float[] scales = new float[terms.length];
    for (int c = 0; c < scales.length; c++) {
      scales[c] = spec.weights().scale(c);
    }
    return new Epilogue(
        new TileEpilogue(spec.output(), spec.input(), terms, scales, spec.floatBias(), null,
            weightZeroPoints));
  }

  /**
   * This epilogue with other terms; the other tables are shared.
   *
   * @param terms added to the accumulator of each column; kept, not copied
   * @return the epilogue
   */
  public Epilogue withTerms(int[] terms) {
    return new Epilogue(new TileEpilogue(tile, terms));
  }

  /** Whether a tile needs the sums of its rows as they are multiplied: there are weight zero points. */
  public boolean needsRowSums() {
    return tile.needsRowSums();
  }

  /** Memory of the tables. */
  public long bytes() {
    return tile.bytes();
  }

  /**
   * Turns the accumulators of a tile into results.
   *
   * @param staging where the accumulators are, what the rows bring, where the results go
   * @param rows rows of the tile
   * @param c0 the first column of the tile
   * @param c1 one behind its last column
   */
  public void apply(Staging staging, int rows, int c0, int c1) {
    tile.apply(staging, rows, c0, c1);
  }
}
