package dev.octet.quantize;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.Quantizer;
import java.util.Objects;

/**
 * Describes how the weights of a layer are quantized. Weights are {@code [out][in]}: a channel is an output
 * feature, a group lies along the input features.
 *
 * @param type S8, S4 or, with a zero point, U4
 * @param granularity how many scales there are
 * @param groupSize 16, 32, 64, 128 or 256 per group, 0 otherwise
 * @param symmetric whether all zero points are 0
 */
public record WeightScheme(DataType type, Granularity granularity, int groupSize, boolean symmetric) {
  /**
   * Checks that an op of Octet takes such weights.
   *
   * @throws IllegalArgumentException if no op of Octet takes such weights
   */
  public WeightScheme {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(granularity, "granularity");
    if (type != DataType.S8 && type != DataType.S4 && type != DataType.U4) {
      throw new IllegalArgumentException("weights: expected S8, S4 or U4, got " + type);
    }
    if (symmetric && !type.isSigned()) {
      throw new IllegalArgumentException(
          "weights: expected S8 or S4 for symmetric quantization, got " + type);
    }
    if (type == DataType.U4 && granularity != Granularity.PER_GROUP) {
      throw new IllegalArgumentException("weights: U4 is for groups only, got " + granularity);
    }
    boolean fits = granularity == Granularity.PER_GROUP
        ? Quantization.isGroupSizeOfProducts(groupSize)
        : groupSize == 0;
    if (!fits) {
      throw new IllegalArgumentException(
          "groupSize: expected 16, 32, 64, 128 or 256 per group and 0 otherwise, got " + groupSize + " "
              + granularity);
    }
  }

  /**
   * Returns a scheme with one scale for the matrix.
   *
   * @param type S8 or S4
   * @param symmetric whether the zero point is 0
   * @return the scheme
   */
  public static WeightScheme perTensor(DataType type, boolean symmetric) {
    Objects.requireNonNull(type, "type");
    return new WeightScheme(type, Granularity.PER_TENSOR, 0, symmetric);
  }

  /**
   * Returns a scheme with a scale for each output feature.
   *
   * @param type S8 or S4
   * @param symmetric whether all zero points are 0
   * @return the scheme
   */
  public static WeightScheme perChannel(DataType type, boolean symmetric) {
    Objects.requireNonNull(type, "type");
    return new WeightScheme(type, Granularity.PER_CHANNEL, 0, symmetric);
  }

  /**
   * Returns a scheme with a scale for each output feature and group of consecutive input features.
   *
   * @param type S8, S4 or U4
   * @param groupSize 16, 32, 64, 128 or 256
   * @param symmetric whether all zero points are 0
   * @return the scheme
   */
  public static WeightScheme perGroup(DataType type, int groupSize, boolean symmetric) {
    Objects.requireNonNull(type, "type");
    return new WeightScheme(type, Granularity.PER_GROUP, groupSize, symmetric);
  }

  /**
   * Returns a quantizer that rounds matrices {@code [out][in]} to nearest by this scheme.
   *
   * @return the quantizer
   */
  public Quantizer quantizer() {
    Quantizer quantizer = symmetric ? Quantizer.symmetric(type) : Quantizer.asymmetric(type);
    return switch (granularity) {
      case PER_TENSOR -> quantizer.perTensor();
      case PER_CHANNEL -> quantizer.perChannel(0);
      case PER_GROUP -> quantizer.perGroup(groupSize).alongAxis(1);
    };
  }

  /** Returns type, granularity and symmetry, such as {@code S4 per group of 32, symmetric}. */
  @Override
  public String toString() {
    String scales = switch (granularity) {
      case PER_TENSOR -> "per tensor";
      case PER_CHANNEL -> "per channel";
      case PER_GROUP -> "per group of " + groupSize;
    };
    return type + " " + scales + (symmetric ? ", symmetric" : ", asymmetric");
  }
}
