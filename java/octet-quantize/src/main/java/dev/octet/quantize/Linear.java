package dev.octet.quantize;

import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.util.Arrays;
import java.util.Objects;

/**
 * Holds the weights of a layer in FP32:
 * {@code y[row][o] = sum over i of x[row][i] * weights[o][i] + bias[o]}. A convolution is such a layer over
 * its unfolded input. The arrays are borrowed and never written to.
 */
public final class Linear {
  private final String name;
  private final int in;
  private final int out;
  private final float[] weights;
  private final float[] bias;
  /** {@code [in][out]}, where the inner loop of the product runs along memory; null until the first run. */
  private volatile float[] transposed;

  private Linear(String name, int out, int in, float[] weights, float[] bias) {
    this.name = name;
    this.out = out;
    this.in = in;
    this.weights = weights;
    this.bias = bias;
  }

  /**
   * Creates a layer.
   *
   * @param name its name, unique in its model
   * @param weights the matrix, all finite
   * @param shape {@code [out, in]} or {@code [in, out]}
   * @param layout which of the two
   * @param bias one for each output, or null
   * @return the layer
   * @throws IllegalArgumentException if the shape is no matrix, or an array has another length or holds
   *         something that is not finite
   */
  public static Linear of(String name, float[] weights, Shape shape, WeightLayout layout, float[] bias) {
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(layout, "layout");
    Objects.requireNonNull(name, "name");
    if (shape.rank() != 2 || shape.elements() == 0) {
      throw new IllegalArgumentException(
          name + ".weights: expected a matrix that is not empty, got " + shape);
    }
    int rows = shape.intDim(0);
    int columns = shape.intDim(1);
    boolean outIn = layout == WeightLayout.OUT_IN;
    int out = outIn ? rows : columns;
    checkFinite(name + ".weights", weights, shape.elements());
    if (bias != null) {
      checkFinite(name + ".bias", bias, out);
    }
    return outIn
        ? new Linear(name, rows, columns, weights, bias)
        : new Linear(name, columns, rows, transpose(weights, rows, columns), bias);
  }

  private static void checkFinite(String operand, float[] values, long length) {
    if (values.length != length) {
      throw new IllegalArgumentException(operand + ": expected " + length + " values, got " + values.length);
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            operand + "[" + i + "]: expected a finite number, got " + values[i]);
      }
    }
  }

  private static float[] transpose(float[] matrix, int rows, int columns) {
    float[] result = new float[matrix.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        result[c * rows + r] = matrix[r * columns + c];
      }
    }
    return result;
  }

  /**
   * Returns this layer with other weights and another bias.
   *
   * @param newWeights {@code [out][in]}, all finite; borrowed
   * @param newBias one for each output, or null; borrowed
   * @return the layer
   * @throws IllegalArgumentException if an array has another length or holds something that is not finite
   */
  public Linear with(float[] newWeights, float[] newBias) {
    Objects.requireNonNull(newWeights, "newWeights");
    return of(name, newWeights, Shape.of(out, in), WeightLayout.OUT_IN, newBias);
  }

  /**
   * Returns this layer with its outputs multiplied: rows of the weights, and the bias. {@link #scaleInputs}
   * of the layer that follows, by the inverse factors, undoes it.
   *
   * @param factors one for each output
   * @return the layer
   * @throws IllegalArgumentException if there are more or fewer, or a product is not finite
   */
  public Linear scaleOutputs(float[] factors) {
    Objects.requireNonNull(factors, "factors");
    checkFinite(name + ".outputs: factors", factors, out);
    float[] w = weights.clone();
    for (int i = 0; i < w.length; i++) {
      w[i] *= factors[i / in];
    }
    float[] b = bias == null ? null : bias.clone();
    for (int o = 0; b != null && o < out; o++) {
      b[o] *= factors[o];
    }
    return with(w, b);
  }

  /**
   * Returns this layer with the columns of its weights multiplied, for inputs that are divided by the
   * factors.
   *
   * @param factors one for each input
   * @return the layer
   * @throws IllegalArgumentException if there are more or fewer, or a product is not finite
   */
  public Linear scaleInputs(float[] factors) {
    Objects.requireNonNull(factors, "factors");
    checkFinite(name + ".inputs: factors", factors, in);
    float[] w = weights.clone();
    for (int i = 0; i < w.length; i++) {
      w[i] *= factors[i % in];
    }
    return with(w, bias);
  }

  /**
   * Runs the layer in FP32.
   *
   * @param x rows of inputs
   * @return rows of outputs
   * @throws IllegalArgumentException if x is no whole number of rows
   */
  public float[] run(float[] x) {
    Objects.requireNonNull(x, "x");
    int rows = rows(x);
    float[] columns = transposed;
    if (columns == null) {
      columns = transpose(weights, out, in);
      transposed = columns;
    }
    float[] y = new float[rows * out];
    float[] sums = new float[out];
    for (int r = 0; r < rows; r++) {
      Arrays.fill(sums, 0);
      for (int i = 0; i < in; i++) {
        float factor = x[r * in + i];
        int row = i * out;
        for (int o = 0; o < out; o++) {
          sums[o] += factor * columns[row + o];
        }
      }
      for (int o = 0; o < out; o++) {
        y[r * out + o] = bias == null ? sums[o] : sums[o] + bias[o];
      }
    }
    return y;
  }

  /** Returns the number of rows in x. */
  int rows(float[] x) {
    if (x.length % in != 0) {
      throw new IllegalArgumentException(
          name + ": expected rows of " + in + " inputs, got " + x.length + " numbers");
    }
    return x.length / in;
  }

  /**
   * Returns the name.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Returns the number of input features.
   *
   * @return the columns of the weights
   */
  public int in() {
    return in;
  }

  /**
   * Returns the number of output features.
   *
   * @return the rows of the weights
   */
  public int out() {
    return out;
  }

  /**
   * Returns the weights.
   *
   * @return {@code [out][in]}; not to be written to
   */
  public float[] weights() {
    return weights;
  }

  /**
   * Returns the bias.
   *
   * @return one for each output, or null; not to be written to
   */
  public float[] bias() {
    return bias;
  }

  /** Returns name and shape, such as {@code fc1 [out 64, in 784]}. */
  @Override
  public String toString() {
    return name + " [out " + out + ", in " + in + "]";
  }
}
