package dev.octet.engine;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.WeightLayout;

/**
 * Weights of a product as a logical matrix {@code [K][N]}, whatever the layout they were given in; read while
 * an engine prepares, never after.
 */
public final class MatrixWeights {
  private final QTensor tensor;
  private final boolean outIn;
  private final int k;
  private final int n;

  private MatrixWeights(QTensor tensor, boolean outIn, int k, int n) {
    this.tensor = tensor;
    this.outIn = outIn;
    this.k = k;
    this.n = n;
  }

  /**
   * Weights in a layout.
   *
   * @param tensor a matrix; scales per tensor, per output channel, or per group along the input axis
   * @param layout IN_OUT or OUT_IN
   * @return the matrix
   * @throws IllegalArgumentException if the tensor is no matrix, too large, or its channels or groups lie on
   *         the wrong axis
   */
  public static MatrixWeights of(QTensor tensor, WeightLayout layout) {
    if (layout != WeightLayout.IN_OUT && layout != WeightLayout.OUT_IN) {
      throw new IllegalArgumentException(
          "weights: expected layout IN_OUT or OUT_IN for a matrix, got " + layout);
    }
    if (tensor.shape().rank() != 2) {
      throw new IllegalArgumentException("weights: expected a matrix, got shape " + tensor.shape());
    }
    boolean outIn = layout == WeightLayout.OUT_IN;
    Quantization q = tensor.quantization();
    int outAxis = outIn ? 0 : 1;
    if (q.granularity() == Granularity.PER_CHANNEL && q.axis() != outAxis) {
      throw new IllegalArgumentException(
          "weights: expected channels on axis " + outAxis + " (output features of "
              + layout + "), got axis " + q.axis());
    }
    if (q.granularity() == Granularity.PER_GROUP && q.axis() != 1 - outAxis) {
      throw new IllegalArgumentException("weights: expected groups along axis " + (1 - outAxis)
          + " (input features of " + layout + "), got axis " + q.axis());
    }
    int k = tensor.shape().intDim(1 - outAxis);
    int n = tensor.shape().intDim(outAxis);
    if (k < 1 || n < 1) {
      throw new IllegalArgumentException(
          "weights: expected at least one input and one output feature, got shape "
              + tensor.shape());
    }
    return new MatrixWeights(tensor, outIn, k, n);
  }

  /**
   * The given tensor, for engines that read the memory themselves.
   *
   * @return the tensor
   */
  public QTensor tensor() {
    return tensor;
  }

  /**
   * Whether the memory is {@code [N][K]} instead of {@code [K][N]}.
   *
   * @return true for OUT_IN
   */
  public boolean outIn() {
    return outIn;
  }

  /**
   * The element type.
   *
   * @return U8, S8, U4 or S4
   */
  public DataType type() {
    return tensor.type();
  }

  /**
   * Input features.
   *
   * @return K
   */
  public int k() {
    return k;
  }

  /**
   * Output features.
   *
   * @return N
   */
  public int n() {
    return n;
  }

  /**
   * One weight.
   *
   * @param row 0 to K - 1
   * @param column 0 to N - 1
   * @return the stored integer
   */
  public int get(int row, int column) {
    return tensor.get(outIn ? (long) column * k + row : (long) row * n + column);
  }

  /**
   * Consecutive rows that share a scale.
   *
   * @return the group size, K unless per group
   */
  public int groupSize() {
    return tensor.quantization().granularity() == Granularity.PER_GROUP
        ? tensor.quantization().groupSize()
        : k;
  }

  /**
   * Groups along K.
   *
   * @return their number, 1 unless per group; the last one may be shorter
   */
  public int groups() {
    return Math.ceilDiv(k, groupSize());
  }

  /**
   * A scale.
   *
   * @param group 0 to groups - 1
   * @param column 0 to N - 1
   * @return the scale of the weights of that group in that column
   */
  public float scale(int group, int column) {
    return tensor.quantization().scale(parameter(group, column));
  }

  /**
   * A zero point.
   *
   * @param group 0 to groups - 1
   * @param column 0 to N - 1
   * @return the zero point of the weights of that group in that column
   */
  public int zeroPoint(int group, int column) {
    return tensor.quantization().zeroPoint(parameter(group, column));
  }

  private int parameter(int group, int column) {
    return switch (tensor.quantization().granularity()) {
      case PER_TENSOR -> 0;
      case PER_CHANNEL -> column;
      case PER_GROUP -> outIn ? column * groups() + group : group * n + column;
    };
  }
}
