package dev.octet.engine;

import dev.octet.DataType;
import dev.octet.QTensor;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Weights of a product as a matrix {@code [K][N]}, independent of their layout. Engines read them while they
 * make a kernel, and not later.
 */
public final class MatrixWeights implements PackableWeights {
  private final @Nullable QTensor tensor;
  private final @Nullable WeightPack pack;
  private final DataType type;
  private final Quantization quantization;
  private final boolean outIn;
  private final int k;
  private final int n;
  /** Reachable as long as this is; null where nobody has to be. */
  @SuppressWarnings("UnusedVariable")
  private final @Nullable Object owner;

  private MatrixWeights(@Nullable QTensor tensor, @Nullable WeightPack pack, DataType type,
      Quantization quantization,
      boolean outIn, int k, int n, @Nullable Object owner) {
    this.tensor = tensor;
    this.pack = pack;
    this.type = type;
    this.quantization = quantization;
    this.outIn = outIn;
    this.k = k;
    this.n = n;
    this.owner = owner;
  }

  /**
   * Returns weights that an engine has packed. Only its kernels can read them.
   *
   * @param pack the packed bytes
   * @param type U8, S8, U4 or S4
   * @param quantization scales and zero points, as those of a tensor in the layout
   * @param layout IN_OUT or OUT_IN: the order of the quantization's channels and groups
   * @param k input features
   * @param n output features
   * @return the matrix
   */
  public static MatrixWeights packed(WeightPack pack, DataType type, Quantization quantization,
      WeightLayout layout, int k, int n) {
    return new MatrixWeights(null, pack, type, quantization, layout == WeightLayout.OUT_IN, k, n, null);
  }

  @Override
  public MatrixWeights ownedBy(Object whoever) {
    return new MatrixWeights(tensor, pack, type, quantization, outIn, k, n, whoever);
  }

  /**
   * Returns the same weights in the form that an engine has packed.
   *
   * @param byEngine the packed bytes
   * @return the matrix without the tensor
   */
  public MatrixWeights packed(WeightPack byEngine) {
    return new MatrixWeights(null, byEngine, type, quantization, outIn, k, n, null);
  }

  /**
   * Returns weights in a layout.
   *
   * @param tensor a matrix; scales per tensor, per output channel, or per group along the input axis
   * @param layout IN_OUT or OUT_IN
   * @return the matrix
   * @throws IllegalArgumentException if the tensor is not a matrix, is empty or too large, or its channels or
   *         groups are on the wrong axis
   */
  public static MatrixWeights of(QTensor tensor, WeightLayout layout) {
    Objects.requireNonNull(tensor, "weights");
    Objects.requireNonNull(layout, "layout");
    checkLayout(layout);
    if (tensor.shape().rank() != 2) {
      throw new IllegalArgumentException("weights: expected a matrix, got shape " + tensor.shape());
    }
    SegmentAccess.require("weights", tensor.data());
    boolean outIn = layout == WeightLayout.OUT_IN;
    Quantization q = tensor.quantization();
    int outAxis = outIn ? 0 : 1;
    checkAxis(q, layout);
    int k = tensor.shape().intDim(1 - outAxis);
    int n = tensor.shape().intDim(outAxis);
    if (k < 1 || n < 1) {
      throw new IllegalArgumentException(
          "weights: expected at least one input and one output feature, got shape "
              + tensor.shape());
    }
    return new MatrixWeights(tensor, null, tensor.type(), q, outIn, k, n, null);
  }

  /**
   * Checks type, quantization and size of packed weights, as a file has them, by the rules for a tensor.
   *
   * @param type U8, S8, U4 or S4
   * @param quantization scales and zero points, as those of a tensor in the layout
   * @param layout IN_OUT or OUT_IN
   * @param k input features
   * @param n output features
   * @throws IllegalArgumentException if they do not fit each other
   */
  public static void check(DataType type, Quantization quantization, WeightLayout layout, int k, int n) {
    checkLayout(layout);
    checkAxis(quantization, layout);
    quantization.check("weights", type, layout == WeightLayout.OUT_IN ? Shape.of(n, k) : Shape.of(k, n));
  }

  private static void checkLayout(WeightLayout layout) {
    if (layout != WeightLayout.IN_OUT && layout != WeightLayout.OUT_IN) {
      throw new IllegalArgumentException(
          "weights: expected layout IN_OUT or OUT_IN for a matrix, got " + layout);
    }
  }

  private static void checkAxis(Quantization q, WeightLayout layout) {
    int outAxis = layout == WeightLayout.OUT_IN ? 0 : 1;
    if (q.granularity() == Granularity.PER_CHANNEL && q.axis() != outAxis) {
      throw new IllegalArgumentException(
          "weights: expected channels on axis " + outAxis + " (output features of "
              + layout + "), got axis " + q.axis());
    }
    if (q.granularity() == Granularity.PER_GROUP && q.axis() != 1 - outAxis) {
      throw new IllegalArgumentException("weights: expected groups along axis " + (1 - outAxis)
          + " (input features of " + layout + "), got axis " + q.axis());
    }
  }

  /**
   * Returns the tensor, for engines that read its memory themselves.
   *
   * @return the tensor
   * @throws UnsupportedOperationException if an engine has packed the weights
   */
  public QTensor tensor() {
    if (tensor == null) {
      throw new UnsupportedOperationException(
          "weights: packed as " + pack.layout() + ", which no other engine reads");
    }
    SegmentAccess.require("weights", tensor.data());
    return tensor;
  }

  @Override
  public @Nullable WeightPack pack() {
    return pack;
  }

  /**
   * Returns scales and zero points, as those of a tensor in the layout.
   *
   * @return the quantization
   */
  public Quantization quantization() {
    return quantization;
  }

  /**
   * Returns whether the memory is {@code [N][K]} instead of {@code [K][N]}.
   *
   * @return true for OUT_IN
   */
  public boolean outIn() {
    return outIn;
  }

  /**
   * Returns the element type.
   *
   * @return U8, S8, U4 or S4
   */
  public DataType type() {
    return type;
  }

  @Override
  public int k() {
    return k;
  }

  @Override
  public int n() {
    return n;
  }

  /**
   * Returns a weight.
   *
   * @param row 0 to K - 1
   * @param column 0 to N - 1
   * @return the stored integer
   */
  public int get(int row, int column) {
    // The first element tells memory that cannot be read; for each it would take longer than the element.
    QTensor stored = tensor == null || (row | column) == 0 ? tensor() : tensor;
    return stored.get(outIn ? (long) column * k + row : (long) row * n + column);
  }

  /**
   * Returns the number of consecutive rows that share a scale.
   *
   * @return the group size; K unless per group
   */
  public int groupSize() {
    return quantization.granularity() == Granularity.PER_GROUP
        ? quantization.groupSize()
        : k;
  }

  /**
   * Returns the number of groups along K. The last one may be shorter than the others.
   *
   * @return the number; 1 unless per group
   */
  public int groups() {
    return Math.ceilDiv(k, groupSize());
  }

  /**
   * Returns a scale.
   *
   * @param group 0 to groups - 1
   * @param column 0 to N - 1
   * @return the scale of the weights of that group in that column
   */
  public float scale(int group, int column) {
    return quantization.scale(parameter(group, column));
  }

  /**
   * Returns a zero point.
   *
   * @param group 0 to groups - 1
   * @param column 0 to N - 1
   * @return the zero point of the weights of that group in that column
   */
  public int zeroPoint(int group, int column) {
    return quantization.zeroPoint(parameter(group, column));
  }

  private int parameter(int group, int column) {
    return switch (quantization.granularity()) {
      case PER_TENSOR -> 0;
      case PER_CHANNEL -> column;
      case PER_GROUP -> outIn ? column * groups() + group : group * n + column;
    };
  }
}
