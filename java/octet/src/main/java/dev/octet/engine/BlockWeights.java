package dev.octet.engine;

import dev.octet.BlockFormat;
import dev.octet.BlockTensor;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Weights of a product in a block format, {@code [N][K]}. Engines read them while they make a kernel, and not
 * later.
 */
public final class BlockWeights implements PackableWeights {
  private final @Nullable BlockTensor tensor;
  private final @Nullable WeightPack pack;
  private final BlockFormat format;
  private final int k;
  private final int n;
  /** Reachable as long as this is; null where nobody has to be. */
  @SuppressWarnings("UnusedVariable")
  private final @Nullable Object owner;

  private BlockWeights(@Nullable BlockTensor tensor, @Nullable WeightPack pack, BlockFormat format, int k,
      int n, @Nullable Object owner) {
    this.tensor = tensor;
    this.pack = pack;
    this.format = format;
    this.k = k;
    this.n = n;
    this.owner = owner;
  }

  /**
   * Returns weights, after all their scales were looked at.
   *
   * @param operand the name of the tensor, for messages
   * @param tensor a matrix
   * @return the weights
   * @throws IllegalArgumentException if the tensor is not a matrix, is empty or too large, or a scale or a
   *         minimum is not finite
   */
  public static BlockWeights of(String operand, BlockTensor tensor) {
    Objects.requireNonNull(operand, "operand");
    Objects.requireNonNull(tensor, operand);
    if (tensor.shape().rank() != 2) {
      throw new IllegalArgumentException(operand + ": expected a matrix, got shape " + tensor.shape());
    }
    if (tensor.rows() < 1 || tensor.columns() < 1) {
      throw new IllegalArgumentException(
          operand + ": expected at least one input and one output feature, got shape " + tensor.shape());
    }
    int n = tensor.shape().intDim(0);
    SegmentAccess.require(operand, tensor.data());
    checkScales(operand, tensor);
    return new BlockWeights(tensor, null, tensor.format(), tensor.columns(), n, null);
  }

  private static void checkScales(String operand, BlockTensor tensor) {
    BlockFormat format = tensor.format();
    int step = format.elements() / format.groupSize();
    for (long row = 0; row < tensor.rows(); row++) {
      for (int group = 0; group < tensor.groups(); group += step) {
        float scale = tensor.scale(row, group);
        float minimum = tensor.minimum(row, group);
        // An exponent of 255 is NaN (OCP Microscaling Formats 1.0, 5.4.1).
        boolean finite = format == BlockFormat.MXFP4 ? scale < 0x1p127f : Float.isFinite(scale);
        if (!finite || !Float.isFinite(minimum)) {
          throw new IllegalArgumentException(operand + ": expected finite scales, got scale "
              + (format == BlockFormat.MXFP4 ? Float.NaN : scale)
              + (format.hasMinimum() ? " and minimum " + minimum : "") + " in row " + row + ", column "
              + group * format.groupSize() + " of " + tensor);
        }
      }
    }
  }

  /**
   * Returns weights that an engine has packed. Only its kernels can read them.
   *
   * @param pack the packed bytes
   * @param format the format that they were in
   * @param k input features
   * @param n output features
   * @return the weights
   * @throws IllegalArgumentException if k is no whole number of blocks, or a size is not positive
   */
  public static BlockWeights packed(WeightPack pack, BlockFormat format, int k, int n) {
    check(format, k, n);
    return new BlockWeights(null, pack, format, k, n, null);
  }

  /**
   * Checks format and size of packed weights, as a file has them.
   *
   * @param format the format
   * @param k input features
   * @param n output features
   * @throws IllegalArgumentException if k is no whole number of blocks, or a size is not positive
   */
  public static void check(BlockFormat format, int k, int n) {
    if (k < 1 || n < 1 || k % format.elements() != 0) {
      throw new IllegalArgumentException("weights: expected whole blocks of " + format.elements() + " for "
          + format + ", got " + k + " x " + n + " weights");
    }
  }

  /**
   * Checks that weights can share their rows.
   *
   * @param weights one matrix or more
   * @throws IllegalArgumentException if K differs or there are more than 2^31 - 1 output features
   */
  public static void checkShared(List<BlockWeights> weights) {
    int k = weights.getFirst().k;
    long n = 0;
    for (int i = 0; i < weights.size(); i++) {
      BlockWeights part = weights.get(i);
      if (part.k != k) {
        throw new IllegalArgumentException("weights[" + i + "]: expected " + k
            + " input features, as weights[0] has, got " + part.k);
      }
      n += part.n;
    }
    if (n > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("weights: expected at most 2^31 - 1 output features, got " + n);
    }
  }

  /**
   * Returns the same weights in the form that an engine has packed.
   *
   * @param byEngine the packed bytes
   * @return the weights without the tensor
   */
  public BlockWeights packed(WeightPack byEngine) {
    return new BlockWeights(null, byEngine, format, k, n, null);
  }

  @Override
  public BlockWeights ownedBy(Object whoever) {
    return new BlockWeights(tensor, pack, format, k, n, whoever);
  }

  /**
   * Returns the tensor.
   *
   * @return the tensor
   * @throws UnsupportedOperationException if an engine has packed the weights
   */
  public BlockTensor tensor() {
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
   * Returns the format.
   *
   * @return the format
   */
  public BlockFormat format() {
    return format;
  }

  @Override
  public int k() {
    return k;
  }

  @Override
  public int n() {
    return n;
  }
}
